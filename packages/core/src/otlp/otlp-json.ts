/**
 * The part of OTLP/JSON that is written here: the export request of traces, in the JSON mapping of its protocol buffers.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding | OTLP: JSON protobuf encoding}
 * @see {@link https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/opentelemetry/proto/trace/v1/trace.proto | opentelemetry-proto 1.7.0: trace.proto}
 * @module
 */

/** `ExportTraceServiceRequest`: the body of a request to `/v1/traces`, as `JSON.stringify` writes it. */
export interface OtlpTraces {
  readonly resourceSpans: readonly OtlpResourceSpans[];
}

/** The spans of one process. */
export interface OtlpResourceSpans {
  readonly resource: { readonly attributes: readonly OtlpKeyValue[] };
  readonly scopeSpans: readonly OtlpScopeSpans[];
}

/** The spans of one instrumentation of a process. */
export interface OtlpScopeSpans {
  readonly scope: {
    readonly name: string;
    readonly version?: string;
    readonly attributes?: readonly OtlpKeyValue[];
  };
  readonly spans: readonly OtlpSpan[];
}

export interface OtlpSpan {
  /** 32 lowercase hex digits. */
  readonly traceId: string;
  /** 16 lowercase hex digits. */
  readonly spanId: string;
  /** W3C `tracestate`. */
  readonly traceState?: string;
  /** 16 lowercase hex digits; absent for a root. */
  readonly parentSpanId?: string;
  /** Bits 0 to 7: W3C trace flags. Bit 8: bit 9 means something. Bit 9: the parent is of another process. */
  readonly flags: number;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** Nanoseconds since the epoch as decimal digits. */
  readonly startTimeUnixNano: string;
  /** Nanoseconds since the epoch as decimal digits; never before the start. */
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpKeyValue[];
  readonly droppedAttributesCount?: number;
  readonly events: readonly OtlpSpanEvent[];
  readonly droppedEventsCount?: number;
  readonly links: readonly OtlpLink[];
  readonly droppedLinksCount?: number;
  readonly status: OtlpStatus;
}

/** Something that happened within a span. */
export interface OtlpSpanEvent {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly OtlpKeyValue[];
}

export interface OtlpLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: readonly OtlpKeyValue[];
}

export interface OtlpStatus {
  /** 0 unset, 1 ok, 2 error. */
  readonly code: number;
  /** Only of an error. */
  readonly message?: string;
}

export interface OtlpKeyValue {
  readonly key: string;
  readonly value: OtlpAnyValue;
}

/** At most one field is there; none stands for `null`. 64-bit integers are decimal digits. */
export interface OtlpAnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values: readonly OtlpAnyValue[] };
  readonly kvlistValue?: { readonly values: readonly OtlpKeyValue[] };
}
