import type { StoredLink } from '../events/trace-event.ts';
import type { JsonObject } from '../telemetry/attributes.ts';
import type { SpanKind } from '../telemetry/span.ts';
import type { OtlpDropped } from './import-account.ts';
import type { OtlpStatusWord } from './otlp-codes.ts';

/** A span as it was imported: checked, in our words, not yet understood. */
export interface ImportedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** W3C; empty when there is none. */
  readonly traceState: string;
  /** W3C; `undefined` from producers that do not tell. */
  readonly traceFlags: number | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** Ms since the epoch; `undefined` when unknown. */
  readonly startTime: number | undefined;
  /** Ms since the epoch; `undefined` when unknown, as for a span that has not ended. */
  readonly endTime: number | undefined;
  readonly attributes: JsonObject;
  readonly events: readonly ImportedSpanEvent[];
  readonly links: readonly StoredLink[];
  readonly status: OtlpStatusWord;
  readonly statusMessage: string;
  /** Absent when nothing was. */
  readonly dropped: OtlpDropped | undefined;
  readonly origin: ImportedOrigin;
}

export interface ImportedSpanEvent {
  readonly name: string;
  readonly time: number | undefined;
  readonly attributes: JsonObject;
}

/** Who made a span. */
export interface ImportedOrigin {
  readonly resource: JsonObject;
  /** The clock domain, as far as the resource tells. */
  readonly source: string | undefined;
  readonly scope: JsonObject | undefined;
}
