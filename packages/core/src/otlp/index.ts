export type { FromOtlpOptions, OtlpReading } from './from-otlp.ts';
export { fromOtlp } from './from-otlp.ts';
export type { ToOtlpOptions } from './graph-to-otlp.ts';
export type { OtlpDropped, OtlpRejection, OtlpRejectionReason } from './import-account.ts';
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
export { toOtlp } from './to-otlp.ts';
