import type { TraceContext } from '../trace-context/trace-context.ts';
import { createLink } from './create-link.ts';
import { resolveTelemetry } from './guard.ts';
import { noopTelemetry } from './noop.ts';
import type { Span, SpanEnd, SpanOptions, SpanOutcome } from './span.ts';
import type { Telemetry } from './telemetry.ts';

export interface TracedOptions extends SpanOptions {
  /** The span that this work undoes: stored as `data.original_span_id`, and linked with the relation `compensates`. */
  readonly compensates?: TraceContext | undefined;
  /** How the work ended, judged by what it threw. @default {@link outcomeOf} */
  readonly outcomeOf?: ((error: unknown) => SpanOutcome) | undefined;
}

/**
 * Runs `fn` in a span of its own: starts it, makes it active where the telemetry has an ambient context, ends it with
 * the right outcome, and gives back exactly what `fn` gave.
 *
 * A synchronous result stays synchronous. A promise is answered by a promise of the same outcome, so that an unhandled
 * rejection stays one. What `fn` throws or rejects with is rethrown as the same object.
 *
 * @param name what the span is called; low in cardinality, ids belong into `entity` or `attributes`
 * @param fn receives the span; what it sets there is kept, and when it ends the span itself, that outcome counts
 * @example
 * ```ts
 * import { type Telemetry, traced } from '@throughline/core';
 *
 * declare const telemetry: Telemetry;
 * declare function charge(orderId: string): Promise<{ receipt: string }>;
 *
 * const { receipt } = await traced(telemetry, 'charge', async (span) => {
 *   span.setAttributes({ 'shop.currency': 'EUR' });
 *   return charge('o-17');
 * }, { subject: 'stage:charge', data: { orderId: 'o-17' } });
 * ```
 */
export function traced<T>(
  telemetry: Partial<Telemetry> | null | undefined,
  name: string,
  fn: (span: Span) => T,
  options?: TracedOptions,
): T {
  const sink = resolveTelemetry(telemetry);
  const span = sink.startSpan(
    name,
    options?.compensates ? compensating(options, options.compensates) : options,
  );
  return sink === noopTelemetry ? fn(span) : span.run(() => ending(span, fn, options?.outcomeOf));
}

const succeeded: SpanEnd = { outcome: 'ok' };

/** Calls `fn` and ends the span when it is done. */
function ending<T>(span: Span, fn: (span: Span) => T, judge: TracedOptions['outcomeOf']): T {
  const failed = (error: unknown): never => {
    span.end({ outcome: judged(error, judge), error });
    throw error;
  };
  const done = <R>(result: R): R => {
    span.end(succeeded);
    return result;
  };
  let result: T;
  try {
    result = fn(span);
  } catch (error) {
    return failed(error);
  }
  return isThenable(result) ? (Promise.resolve(result).then(done, failed) as T) : done(result);
}

function isThenable(value: unknown): boolean {
  try {
    return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
  } catch {
    return false;
  }
}

/** A judge that fails itself is overruled: the error it was to judge is what the caller has to see. */
function judged(error: unknown, judge: TracedOptions['outcomeOf'] = outcomeOf): SpanOutcome {
  try {
    return judge(error);
  } catch {
    return outcomeOf(error);
  }
}

/**
 * The outcome of work that threw `error`: `AbortError` is `canceled`, `TimeoutError` is `timeout`, all else is `error`.
 * Total.
 *
 * @see {@link https://webidl.spec.whatwg.org/#idl-DOMException-error-names | Web IDL: DOMException names}
 */
export function outcomeOf(error: unknown): SpanOutcome {
  try {
    const { name } = error as Error;
    return name === 'AbortError' ? 'canceled' : name === 'TimeoutError' ? 'timeout' : 'error';
  } catch {
    return 'error';
  }
}

function compensating(options: TracedOptions, original: TraceContext): SpanOptions {
  return {
    ...options,
    data: { ...options.data, original_span_id: original.spanId },
    links: [...(options.links ?? []), createLink(original, 'compensates')],
  };
}
