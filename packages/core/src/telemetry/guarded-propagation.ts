import { type Carrier, readCarrier, w3cPropagation } from '../trace-context/carrier.ts';
import type { TraceContext } from '../trace-context/trace-context.ts';
import type { FailureLog } from './failure-log.ts';
import type { Propagation } from './telemetry.ts';
import { usableContext } from './usable-context.ts';

/** Propagation of a sink that cannot hurt the host. Where it fails, W3C Trace Context keeps the thread. */
export class GuardedPropagation implements Propagation {
  readonly #propagation: Propagation;
  readonly #log: FailureLog;

  constructor(propagation: Propagation, log: FailureLog) {
    this.#propagation = propagation;
    this.#log = log;
  }

  inject(context: TraceContext, carrier: Carrier): void {
    if (this.#propagation !== w3cPropagation) {
      const written = {};
      if (
        this.#log.ask(
          'propagation.',
          this.#propagation,
          'inject',
          () => copyText(written, carrier),
          context,
          written,
        )
      )
        return;
    }
    w3cPropagation.inject(context, carrier);
  }

  extract(carrier: unknown): TraceContext | undefined {
    const found =
      this.#propagation === w3cPropagation
        ? undefined
        : this.#log.ask('propagation.', this.#propagation, 'extract', contextOrNull, carrier);
    if (found) return found;
    const { context, reason } = readCarrier(carrier);
    if (reason !== undefined && reason !== 'absent' && reason !== 'traceparent_missing')
      this.#log.reject(reason);
    return found === undefined ? context : undefined;
  }
}

/** A carrier is stored with the work, and a value that is no text could make the work itself impossible to store. */
function copyText(from: Record<string, unknown>, to: object): true {
  for (const [key, value] of Object.entries(from))
    if (typeof value === 'string') Object.assign(to, { [key]: value });
  return true;
}

/** "There is none" is an answer too: `null`, so that it differs from a hook that failed. */
export function contextOrNull(answer: unknown): TraceContext | null {
  if (answer === undefined) return null;
  const context = usableContext(answer);
  if (!context) throw new TypeError('it returned something that is not a trace context');
  return context;
}
