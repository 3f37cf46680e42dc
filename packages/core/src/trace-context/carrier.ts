import { type ContainerRejection, fieldsOf } from './carrier-fields.ts';
import type { TraceContext } from './trace-context.ts';
import {
  contextOf,
  formatTraceparent,
  rejectTraceparent,
  type TraceparentRejection,
  traceparentPattern,
} from './traceparent.ts';
import { cleanTraceState, splitTraceState, type TraceStateRejection } from './tracestate.ts';

/**
 * What travels beside a job or a request: W3C header names with string values.
 *
 * A carrier lives in queue metadata (BullMQ job options, a Postgres column, a worker message),
 * never inside the user's payload, and is written in the same atomic step as the work itself.
 *
 * @see {@link https://www.w3.org/TR/trace-context-2/ | W3C Trace Context Level 2}
 */
export interface Carrier {
  traceparent?: string | undefined;
  tracestate?: string | undefined;
  baggage?: string | undefined;
  /** Whether the producer wants the consumer to link to the trace or to continue it. Other readers ignore it. */
  relation?: CarriedRelation | undefined;
}

/** What a producer may ask of the consumer; without a word the consumer decides. */
export type CarriedRelation = 'parent' | 'link';

/** Why a carrier gives no context. */
export type CarrierRejection = ContainerRejection | TraceparentRejection;

/** What {@link readCarrier} found: a context and what came with it, or the reason why there is none. */
export type CarrierReading =
  | {
      readonly context: TraceContext;
      readonly relation?: CarriedRelation | undefined;
      /** As received; `parseBaggage` judges it, and nothing forwards it unasked. */
      readonly baggage?: string | undefined;
      /** Set when there was a tracestate that could not be believed: the context is without one. */
      readonly traceStateRejected?: TraceStateRejection | undefined;
      readonly reason?: undefined;
    }
  | { readonly context: undefined; readonly reason: CarrierRejection };

/**
 * The text that {@link formatCarrier} writes. What matches has no escape and no duplicate, so its parts are what
 * `JSON.parse` would give.
 */
const fixedShape: RegExp = /* @__PURE__ */ traceparentPattern(
  '^{"traceparent":"',
  '"(?:,"tracestate":"([ !#-[\\]-~]+)")?(?:,"relation":"(link|parent)")?}$',
);
const FIXED_START = 16;
/** Longer text takes the long way, which limits it and does not keep it alive through slices. */
const FIXED_MAX = 1024;

/**
 * Takes the context out of whatever brought it: a header object (names in any case, values or arrays of values), raw
 * header pairs (`[[name, value], …]` or Node's flat `rawHeaders`), a `Headers` object, a {@link Carrier}, or a carrier's
 * JSON text.
 *
 * Total: any input of any type and size gives a context, marked `isRemote`, or `undefined`; {@link readCarrier} tells
 * why. Only own properties of four fixed names are read.
 *
 * @example
 * ```ts
 * import { extractTraceContext } from '@throughline/core';
 *
 * extractTraceContext({ TraceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })?.isRemote; // true
 * ```
 */
export function extractTraceContext(input: unknown): TraceContext | undefined {
  return readCarrier(input).context;
}

/**
 * Reads a carrier like {@link extractTraceContext}, with all that came in it, or the reason why it is not believed.
 *
 * A tracestate is read only when the traceparent was believed, and a bad one never voids the traceparent.
 *
 * @example
 * ```ts
 * import { readCarrier } from '@throughline/core';
 *
 * const reading = readCarrier('{"traceparent":"00-00000000000000000000000000000000-b7ad6b7169203331-01"}');
 * reading.reason; // 'id_zero'
 * ```
 * @see {@link https://www.w3.org/TR/trace-context-2/#a-traceparent-is-received | W3C Trace Context Level 2, §4.3}
 */
export function readCarrier(input: unknown): CarrierReading {
  const shape = typeof input === 'string' && input.length <= FIXED_MAX ? fixedShape.exec(input) : null;
  if (shape) return believe(shape.input, FIXED_START, shape[1], undefined, shape[2]);
  const fields = fieldsOf(input);
  if (typeof fields === 'string') return { context: undefined, reason: fields };
  const { traceparent, tracestate, baggage, relation } = fields;
  const reason = rejectTraceparent(traceparent);
  return reason === undefined
    ? believe(traceparent as string, 0, tracestate, baggage, relation)
    : { context: undefined, reason };
}

/** @param text holds at `start` a traceparent that was found to be valid */
function believe(
  text: string,
  start: number,
  tracestate: unknown,
  baggage: unknown,
  relation: unknown,
): CarrierReading {
  const traceState = tracestate === undefined ? '' : cleanTraceState(tracestate);
  return {
    context: contextOf(text, start, traceState || undefined, true),
    relation: relation === 'link' || relation === 'parent' ? relation : undefined,
    baggage: typeof baggage === 'string' ? baggage : undefined,
    traceStateRejected:
      traceState === undefined ? (splitTraceState(tracestate) as TraceStateRejection) : undefined,
  };
}

/**
 * Writes a context into a carrier or a header object, in place. A tracestate of an earlier context is removed; other
 * fields stay. The context of a span without identity, all zero, writes nothing.
 *
 * @example
 * ```ts
 * import { type Carrier, createTraceContext, injectTraceContext } from '@throughline/core';
 *
 * const carrier: Carrier = {};
 * injectTraceContext(createTraceContext(), carrier);
 * carrier.traceparent; // '00-…-…-03'
 * ```
 * @see {@link https://www.w3.org/TR/trace-context-2/#mutating-the-traceparent-field | W3C Trace Context Level 2, §3.4}
 */
export function injectTraceContext(context: TraceContext, carrier: Carrier): void {
  if (!isIdentity(context)) return;
  carrier.traceparent = formatTraceparent(context);
  if (context.traceState) carrier.tracestate = context.traceState;
  else if (carrier.tracestate !== undefined) delete carrier.tracestate;
}

/**
 * The JSON text of the carrier of `context`; `{}` for the context of a span without identity.
 *
 * The text has one fixed shape, which {@link readCarrier} reads without a JSON parser.
 *
 * @param relation asks the consumer to link to the trace or to continue it; without, the consumer decides
 */
export function formatCarrier(context: TraceContext, relation?: CarriedRelation): string {
  if (!isIdentity(context)) return '{}';
  const tracestate = context.traceState ? `,"tracestate":${JSON.stringify(context.traceState)}` : '';
  return `{"traceparent":"${formatTraceparent(context)}"${tracestate}${relation ? `,"relation":"${relation}"` : ''}}`;
}

const NO_TRACE = '00000000000000000000000000000000';
const NO_SPAN = '0000000000000000';

/**
 * A context of zeros belongs to a span that has no identity. Every other one is valid by its type, and not checked again.
 * The first digit decides nearly always: ids are slices of a longer text, which engines compare slowly.
 */
function isIdentity({ traceId, spanId }: TraceContext): boolean {
  return (traceId[0] !== '0' || traceId !== NO_TRACE) && (spanId[0] !== '0' || spanId !== NO_SPAN);
}
