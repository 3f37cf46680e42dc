export type {
  OtlpAnyValue,
  OtlpKeyValue,
  OtlpLink,
  OtlpResourceSpans,
  OtlpScopeSpans,
  OtlpSpan,
  OtlpSpanEvent,
  OtlpStatus,
  OtlpTraces,
} from './otlp-json.ts';
export type { ToOtlpOptions } from './to-otlp.ts';
export { toOtlp } from './to-otlp.ts';
