import type { Propagation } from '../trace-context/propagation.ts';
import type { TraceContext } from '../trace-context/trace-context.ts';
import type { Attributes } from './attributes.ts';
import type { TelemetryEventKind } from './event-kind.ts';
import type { FailureLog } from './failure-log.ts';
import { GuardedPropagation } from './guarded-propagation.ts';
import { GuardedSpan } from './guarded-span.ts';
import { toBoolean, toContextIfAny, toFunction, toSpan } from './hook-answers.ts';
import { noopSpan } from './noop.ts';
import { runOnce } from './run-once.ts';
import { settle } from './settle.ts';
import type { FinishedSpan, Span, SpanOptions } from './span.ts';
import type {
  FlushOptions,
  FlushResult,
  ObservedInstrument,
  ObservedReader,
  Telemetry,
} from './telemetry.ts';

/** A telemetry that cannot hurt the host, whatever the sink behind it does. */
export class GuardedTelemetry implements Telemetry {
  readonly identity: Telemetry['identity'];
  readonly propagation: Propagation;
  declare readonly importSpans?: (spans: readonly FinishedSpan[]) => void;
  readonly #sink: Telemetry;
  readonly #log: FailureLog;

  constructor(sink: Telemetry, log: FailureLog) {
    this.#sink = sink;
    this.#log = log;
    this.identity = sink.identity;
    this.propagation = new GuardedPropagation(sink.propagation, log);
    const { importSpans } = sink;
    if (importSpans) this.importSpans = (spans) => log.tell('', { importSpans }, 'importSpans', spans);
  }

  startSpan(name: string, options?: SpanOptions): Span {
    const span = this.#log.ask('', this.#sink, 'startSpan', toSpan, name, options);
    const fallback = options?.context ?? options?.parent;
    if (span) return new GuardedSpan(span, fallback, this.#log);
    return noopSpan(fallback === undefined ? this.activeContext() : fallback);
  }

  activeContext(): TraceContext | undefined {
    return this.#log.ask('', this.#sink, 'activeContext', toContextIfAny) ?? undefined;
  }

  withContext<T>(context: TraceContext | undefined, fn: () => T): T {
    return runOnce(this.#log, 'withContext', enterContext, this.#sink, fn, context);
  }

  emitEvent<E extends object>(kind: TelemetryEventKind<E>, event: NoInfer<E>): void {
    this.#log.tell('', this.#sink, 'emitEvent', kind, event);
  }

  observe(instrument: ObservedInstrument, read: ObservedReader): () => void {
    const log = this.#log;
    let observing = true;
    const guardedRead: ObservedReader = (observe) => {
      if (observing)
        log.tell('observe.', { read }, 'read', (value: number, attributes?: Attributes) =>
          log.tell('observe.', { record: observe }, 'record', value, attributes),
        );
    };
    const stop = log.ask('', this.#sink, 'observe', toFunction, instrument, guardedRead);
    return () => {
      if (observing && stop) log.tell('observe.', { stop }, 'stop');
      observing = false;
    };
  }

  isEnabled(signal: 'spans' | 'measurements'): boolean {
    return this.#log.ask('', this.#sink, 'isEnabled', toBoolean, signal) ?? false;
  }

  flush(options?: FlushOptions): Promise<FlushResult> {
    return settle(this.#log, this.#sink, 'flush', options);
  }

  shutdown(options?: FlushOptions): Promise<FlushResult> {
    return settle(this.#log, this.#sink, 'shutdown', options);
  }
}

const enterContext = <T>(sink: Telemetry, fn: () => T, context: TraceContext | undefined): T =>
  sink.withContext(context, fn);
