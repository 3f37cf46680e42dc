import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type {
  FlushOptions,
  FlushResult,
  ObservedInstrument,
  ObservedReader,
  Propagation,
  Span,
  SpanOptions,
  Telemetry,
  TelemetryEventKind,
  TraceContext,
} from '@throughline/core';
import type { MeterSource } from './meter-source.ts';
import { OtelMetrics } from './otel-metrics.ts';
import { OtelSpan, type SpanPolicy } from './otel-span.ts';
import { type Flush, flushOf, flushWithin } from './provider-flush.ts';
import { activeTraceContext, withActiveSpanContext } from './span-context.ts';
import { timingOf } from './span-timing.ts';
import { startOptions } from './start-options.ts';
import { stoppedTracer, type TracerSource } from './tracer-source.ts';

const noOptions: SpanOptions = {};

/** What {@link OtelTelemetry} is made of: every option of `createOtelTelemetry`, resolved. */
export interface OtelTelemetryParts {
  readonly tracers: TracerSource;
  readonly meters: MeterSource;
  readonly propagation: Propagation;
  readonly spanPolicy: SpanPolicy;
  readonly forceFlush: Flush | undefined;
}

/** The port on the OpenTelemetry API. Holds no provider: whoever made one keeps it and closes it. */
export class OtelTelemetry implements Telemetry {
  readonly identity = 'own';
  readonly propagation: Propagation;
  readonly #metrics: OtelMetrics;
  readonly #meters: MeterSource;
  readonly #spanPolicy: SpanPolicy;
  readonly #forceFlush: Flush | undefined;
  #tracers: TracerSource;
  #stopped: Promise<FlushResult> | undefined;

  constructor({ tracers, meters, propagation, spanPolicy, forceFlush }: OtelTelemetryParts) {
    this.propagation = propagation;
    this.#tracers = tracers;
    this.#meters = meters;
    this.#metrics = new OtelMetrics(meters);
    this.#spanPolicy = spanPolicy;
    this.#forceFlush = forceFlush;
  }

  startSpan(name: string, options: SpanOptions = noOptions): Span {
    const active = context.active();
    const base = options.parent ? withActiveSpanContext(active, options.parent) : active;
    const timing = timingOf(options);
    const span = this.#tracers.current().startSpan(name, startOptions(options, timing?.startTime), base);
    return new OtelSpan(span, this.#spanPolicy, timing);
  }

  activeContext(): TraceContext | undefined {
    return activeTraceContext();
  }

  withContext<T>(target: TraceContext | undefined, fn: () => T): T {
    return context.with(target ? withActiveSpanContext(context.active(), target) : ROOT_CONTEXT, fn);
  }

  emitEvent<E extends object>(kind: TelemetryEventKind<E>, event: NoInfer<E>): void {
    this.#metrics.emit(kind, event as E);
  }

  observe(instrument: ObservedInstrument, read: ObservedReader): () => void {
    return this.#metrics.observe(instrument, read);
  }

  isEnabled(signal: 'spans' | 'measurements'): boolean {
    return signal === 'spans' ? this.#tracers.isRegistered() : this.#metrics.isRegistered();
  }

  flush({ timeoutMs }: FlushOptions = {}): Promise<FlushResult> {
    return this.#stopped ?? flushWithin(timeoutMs, this.#flushes());
  }

  /** Flushes, takes the readers back and starts no recording span any more. Providers stay open: their maker closes them. */
  shutdown(options?: FlushOptions): Promise<FlushResult> {
    this.#stopped ??= this.#stop(options);
    return this.#stopped;
  }

  async #stop(options?: FlushOptions): Promise<FlushResult> {
    const flushed = this.flush(options);
    this.#tracers = stoppedTracer;
    const result = await flushed;
    this.#metrics.stop();
    return result;
  }

  /** Only what is registered: nothing was accepted on behalf of the rest. */
  #flushes(): readonly (Flush | undefined)[] {
    if (this.#forceFlush) return [this.#forceFlush];
    const flushes: (Flush | undefined)[] = [];
    if (this.#tracers.isRegistered()) flushes.push(flushOf(this.#tracers.provider()));
    if (this.#metrics.isRegistered()) flushes.push(flushOf(this.#meters.provider()));
    return flushes;
  }
}
