import type { AmbientContext } from '../telemetry/ambient-context.ts';
import type { Attributes } from '../telemetry/attributes.ts';
import type { TelemetryEventKind } from '../telemetry/event-kind.ts';
import type { FinishedSpan, Span, SpanOptions } from '../telemetry/span.ts';
import type {
  FlushResult,
  ObservedInstrument,
  ObservedReader,
  Telemetry,
  TelemetryHealth,
} from '../telemetry/telemetry.ts';
import { telemetryHealth } from '../telemetry/telemetry-health.ts';
import type { Propagation } from '../trace-context/propagation.ts';
import { w3cPropagation } from '../trace-context/propagation.ts';
import { createTraceContext, type TraceContext } from '../trace-context/trace-context.ts';
import { type RecordedSpan, RecordingSpan, startRecord, type WritableRecord } from './recorded-span.ts';
import { SynchronousAmbient } from './synchronous-ambient.ts';

/** A measured occurrence as it was emitted. */
export interface RecordedEvent {
  /** Name of the event kind: `worker.fetch`. */
  readonly kind: string;
  readonly event: object;
}

/** One value of one instrument. */
export interface RecordedMeasurement {
  /** Name of the instrument. */
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly attributes: Attributes;
}

export interface RecordingTelemetryOptions {
  /**
   * How the active context follows asynchronous work.
   *
   * @default known up to the first `await`; give `new AsyncLocalStorage()` for more
   */
  readonly ambient?: AmbientContext | undefined;
}

/** A telemetry that keeps what it is told, for tests. */
export interface RecordingTelemetry extends Telemetry {
  /** In the order in which they were started; imported ones where they were imported. */
  readonly spans: readonly RecordedSpan[];
  /** What was emitted, in order. */
  readonly events: readonly RecordedEvent[];
  /** The values that the instruments of the emitted events read, in order. */
  readonly measurements: readonly RecordedMeasurement[];
  /** What its guard counted; see `telemetryHealth`. */
  readonly health: TelemetryHealth;
  /** The first span of that name, open or ended. */
  find(name: string): RecordedSpan | undefined;
  /** Reads every observed instrument now, in the order of registration. */
  collect(): RecordedMeasurement[];
  /** Forgets what was recorded. Observed instruments stay registered. */
  clear(): void;
}

/**
 * Creates a telemetry that records, so that a test can look at what the code under test reported.
 *
 * It behaves: ids are real, parents are found, the first `end` wins, calls after it are ignored, and in
 * `combineTelemetry` it takes the identity it is given. Nothing is redacted or cut.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { traced } from '@throughline/core';
 * import { createRecordingTelemetry } from '@throughline/core/testing';
 *
 * const telemetry = createRecordingTelemetry();
 * traced(telemetry, 'charge', (span) => span.setAttributes({ currency: 'EUR' }));
 *
 * assert.equal(telemetry.find('charge')?.outcome, 'ok');
 * ```
 */
export function createRecordingTelemetry(options?: RecordingTelemetryOptions): RecordingTelemetry {
  return new Recording(options?.ambient ?? new SynchronousAmbient());
}

interface Observed {
  readonly instrument: ObservedInstrument;
  readonly read: ObservedReader;
}

class Recording implements RecordingTelemetry {
  readonly identity = 'given';
  readonly propagation: Propagation = w3cPropagation;
  readonly spans: RecordedSpan[] = [];
  readonly events: RecordedEvent[] = [];
  readonly measurements: RecordedMeasurement[] = [];
  readonly #ambient: AmbientContext;
  readonly #observed = new Set<Observed>();
  #isStopped = false;

  constructor(ambient: AmbientContext) {
    this.#ambient = ambient;
  }

  startSpan(name: string, options: SpanOptions = {}): Span {
    const parent = options.parent === undefined ? this.activeContext() : (options.parent ?? undefined);
    const record = startRecord(name, options, options.context ?? createTraceContext({ parent }), parent);
    this.#keep(record);
    return new RecordingSpan(record, (context, fn) => this.#ambient.run(context, fn));
  }

  activeContext(): TraceContext | undefined {
    return this.#ambient.getStore();
  }

  withContext<T>(context: TraceContext | undefined, fn: () => T): T {
    return this.#ambient.run(context, fn);
  }

  emitEvent<E extends object>(kind: TelemetryEventKind<E>, event: NoInfer<E>): void {
    if (this.#isStopped) return;
    this.events.push({ kind: kind.name, event });
    for (const { name, unit, value, attributes } of kind.instruments) {
      const measured = value(event);
      if (measured === undefined) continue;
      this.measurements.push({ name, unit, value: measured, attributes: attributes?.(event) ?? {} });
    }
  }

  observe(instrument: ObservedInstrument, read: ObservedReader): () => void {
    const observed: Observed = { instrument, read };
    this.#observed.add(observed);
    return () => {
      this.#observed.delete(observed);
    };
  }

  isEnabled(): boolean {
    return !this.#isStopped;
  }

  importSpans(spans: readonly FinishedSpan[]): void {
    for (const span of spans) {
      const record = startRecord(span.name, span, span.context, span.parent ?? undefined);
      this.#keep({ ...record, endTime: span.endTime, outcome: span.outcome, error: span.error });
    }
  }

  async flush(): Promise<FlushResult> {
    return { complete: true };
  }

  async shutdown(): Promise<FlushResult> {
    this.#isStopped = true;
    this.#observed.clear();
    return { complete: true };
  }

  get health(): TelemetryHealth {
    return telemetryHealth(this);
  }

  find(name: string): RecordedSpan | undefined {
    return this.spans.find((span) => span.name === name);
  }

  collect(): RecordedMeasurement[] {
    const collected: RecordedMeasurement[] = [];
    for (const { instrument, read } of this.#observed) {
      const { name, unit } = instrument;
      read((value, attributes = {}) => collected.push({ name, unit, value, attributes }));
    }
    return collected;
  }

  clear(): void {
    for (const records of [this.spans, this.events, this.measurements]) records.length = 0;
  }

  #keep(record: WritableRecord): void {
    if (!this.#isStopped) this.spans.push(record);
  }
}
