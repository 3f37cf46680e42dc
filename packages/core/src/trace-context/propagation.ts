import { type Carrier, extractTraceContext, injectTraceContext } from './carrier.ts';
import type { TraceContext } from './trace-context.ts';

/** Writes and reads the context that travels with work. */
export interface Propagation {
  inject(context: TraceContext, carrier: Carrier): void;
  /** Total: any input gives a context or `undefined`. */
  extract(carrier: unknown): TraceContext | undefined;
}

/** Propagation by W3C Trace Context carriers. Shared and frozen. */
export const w3cPropagation: Propagation = /* @__PURE__ */ Object.freeze({
  inject: injectTraceContext,
  extract: extractTraceContext,
});
