import { type Carrier, readCarrier } from '../trace-context/carrier.ts';
import type { Propagation } from '../trace-context/propagation.ts';
import { w3cPropagation } from '../trace-context/propagation.ts';
import type { TraceContext } from '../trace-context/trace-context.ts';
import type { FailureLog } from './failure-log.ts';
import { toContextIfAny } from './hook-answers.ts';

/** Propagation of a sink that cannot hurt the host. Where it fails, W3C Trace Context keeps the thread. */
export class GuardedPropagation implements Propagation {
  readonly #propagation: Propagation;
  readonly #log: FailureLog;

  constructor(propagation: Propagation, log: FailureLog) {
    this.#propagation = propagation;
    this.#log = log;
  }

  inject(context: TraceContext, carrier: Carrier): void {
    const written = {};
    const isDone =
      this.#propagation !== w3cPropagation &&
      this.#log.tell('propagation.', this.#propagation, 'inject', context, written) &&
      this.#log.tell('propagation.', { inject: copyText }, 'inject', written, carrier);
    if (!isDone) w3cPropagation.inject(context, carrier);
  }

  extract(carrier: unknown): TraceContext | undefined {
    const found =
      this.#propagation === w3cPropagation
        ? undefined
        : this.#log.ask('propagation.', this.#propagation, 'extract', toContextIfAny, carrier);
    if (found) return found;
    const { context, reason } = readCarrier(carrier);
    if (reason !== undefined && reason !== 'absent' && reason !== 'traceparent_missing')
      this.#log.reject(reason);
    return found === undefined ? context : undefined;
  }
}

/**
 * A carrier is stored with the work, and a value that is no text could make the work itself impossible to store. A
 * tracestate that was in the carrier before belongs to another context.
 */
function copyText(from: object, to: Record<string, unknown>): void {
  if ('traceparent' in from && to.tracestate !== undefined) delete to.tracestate;
  for (const key in from) {
    const value: unknown = Object.hasOwn(from, key) ? from[key as keyof typeof from] : undefined;
    if (typeof value === 'string') to[key] = value;
  }
}
