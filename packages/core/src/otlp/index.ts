export type { FromOtlpOptions, OtlpReading } from './from-otlp.ts';
export { fromOtlp } from './from-otlp.ts';
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
export type { ToOtlpOptions } from './to-otlp.ts';
export { toOtlp } from './to-otlp.ts';
