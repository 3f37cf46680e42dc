/**
 * The identity of one span as it travels between processes.
 *
 * Values of this type are plain, immutable data: they can be stored, sent and compared by field.
 *
 * @see {@link https://www.w3.org/TR/trace-context-2/#traceparent-header | W3C Trace Context Level 2, §3.2}
 */
export interface TraceContext {
  /** 32 lowercase hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lowercase hex digits, not all zero. */
  readonly spanId: string;
  /** Bit 0 (`0x01`) sampled, bit 1 (`0x02`) random trace id; other bits are never emitted. */
  readonly traceFlags: number;
  /** The vendor list, already validated; absent when there is none. */
  readonly traceState?: string | undefined;
  /** `true` when it came out of a carrier, so that samplers and OTLP can tell a remote parent from a local one. */
  readonly isRemote?: boolean | undefined;
}
