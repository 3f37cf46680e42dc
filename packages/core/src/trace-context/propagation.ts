import { type Carrier, extractTraceContext, injectTraceContext } from './carrier.ts';
import type { TraceContext } from './trace-context.ts';

/**
 * Writes and reads the context that travels with work.
 *
 * The numbered sentences are the contract; the conformance suite has a case for each number.
 */
export interface Propagation {
  /**
   * Writes a context into a carrier, in place.
   *
   * 1. MUST write `traceparent` in version `00`, with no flag but sampled and random.
   * 2. MUST write the tracestate of the context, and leave none of an earlier context behind.
   * 3. MUST leave the other fields of the carrier as they are: `relation`, `baggage`.
   * 4. MUST write nothing for the context of a span without identity, all zero.
   */
  inject(context: TraceContext, carrier: Carrier): void;
  /**
   * Reads a context out of whatever brought it. Total: any input gives a context or `undefined`.
   *
   * 5. MUST give the context that `inject` wrote, marked `isRemote`.
   * 6. MUST read a carrier, its JSON text, a header object with names in any case, and raw header pairs.
   * 7. MUST NOT believe a traceparent that W3C Trace Context forbids, nor one of several, nor one that is inherited.
   * 8. MUST read versions to come by what it knows of them, and clear flags it does not know.
   * 9. MUST keep the traceparent when the tracestate cannot be believed, and MUST NOT pass on a list that is malformed.
   * 10. MUST NOT throw or hang, whatever the input is, and MUST NOT change it.
   */
  extract(carrier: unknown): TraceContext | undefined;
}

/** Propagation by W3C Trace Context carriers. Shared and frozen. */
export const w3cPropagation: Propagation = /* @__PURE__ */ Object.freeze({
  inject: injectTraceContext,
  extract: extractTraceContext,
});
