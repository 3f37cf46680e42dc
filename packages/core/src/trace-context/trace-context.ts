import { isSpanId, isTraceId, randomSpanId, randomTraceId } from './trace-ids.ts';
import { splitTraceState } from './tracestate.ts';

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

/** How a new context begins. */
export interface CreateTraceContextOptions {
  /** Makes a child: the same trace, flags and tracestate. Absent, `null` or invalid makes a new root. */
  readonly parent?: TraceContext | null | undefined;
  /** Whether the span may be recorded. @default what the parent says, `true` for a root */
  readonly sampled?: boolean | undefined;
}

const SAMPLED = 0x01;
const RANDOM = 0x02;

/**
 * Makes the context of a new span: a child of `parent`, or the root of a new trace.
 *
 * The ids are random. A root carries the random flag, a child keeps its parent's.
 *
 * @example
 * ```ts
 * import { createTraceContext } from '@throughline/core';
 *
 * const root = createTraceContext();
 * const child = createTraceContext({ parent: root });
 * child.traceId === root.traceId; // true
 * ```
 * @see {@link https://www.w3.org/TR/trace-context-2/#mutating-the-traceparent-field | W3C Trace Context Level 2, §3.4}
 */
export function createTraceContext({ parent, sampled }: CreateTraceContextOptions = {}): TraceContext {
  const known = isValidTraceContext(parent) ? parent : undefined;
  const flags = known === undefined ? RANDOM | SAMPLED : known.traceFlags & (RANDOM | SAMPLED);
  return {
    traceId: known === undefined ? randomTraceId() : known.traceId,
    spanId: randomSpanId(),
    traceFlags: sampled === undefined ? flags : (flags & RANDOM) | Number(sampled),
    traceState: known?.traceState,
    isRemote: undefined,
  };
}

/**
 * Tells whether `value` is a context that may be put on the wire. Total: any value of any type gives an answer, also one
 * whose properties throw.
 */
export function isValidTraceContext(value: unknown): value is TraceContext {
  try {
    return typeof value === 'object' && value !== null && hasValidFields(value as TraceContext);
  } catch {
    return false;
  }
}

function hasValidFields(context: TraceContext): boolean {
  return (
    isTraceId(context.traceId) &&
    isSpanId(context.spanId) &&
    Number.isInteger(context.traceFlags) &&
    (context.traceState === undefined || typeof splitTraceState(context.traceState) !== 'string')
  );
}
