import { demandOption, hasMethods } from '../errors/demand-option.ts';
import type { WriterFlushResult } from '../events/event-writer.ts';
import type { Propagation } from '../trace-context/propagation.ts';
import { w3cPropagation } from '../trace-context/propagation.ts';
import { createTraceContext, type TraceContext } from '../trace-context/trace-context.ts';
import type { AmbientContext } from './ambient-context.ts';
import { EventSpan } from './event-span.ts';
import type { EventTelemetryOptions } from './event-telemetry-options.ts';
import type { FinishedSpan, Span, SpanOptions } from './span.ts';
import type { FlushOptions, FlushResult, Telemetry } from './telemetry.ts';

/**
 * Makes a telemetry that stores every span as events, in a store of your own.
 *
 * Each span is written when it starts and when it ends, so that work which is under way, and work whose process died, can
 * be seen. A producer is one `queued` event and a point is one event of its own type, both at their end. Spans are stored
 * whatever their sampled flag says, unless `respectSampling`. `emitEvent` and `observe` are ignored: measurements belong
 * to no trace.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 * @example
 * ```ts
 * import { AsyncLocalStorage } from 'node:async_hooks';
 * import { createEventTelemetry, traced } from '@throughline/core';
 * import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
 *
 * const store = new MemoryTraceStore();
 * const telemetry = createEventTelemetry({ writer: new EventWriter(store), ambient: new AsyncLocalStorage() });
 *
 * await traced(telemetry, 'charge', async () => 'receipt');
 * await telemetry.shutdown();
 * ```
 */
export function createEventTelemetry(options: EventTelemetryOptions): Telemetry {
  const { writer, ambient } = options ?? {};
  demandOption(
    hasMethods(writer, 'emit', 'flush', 'close'),
    'createEventTelemetry.writer',
    writer,
    'an EventWriter',
  );
  demandOption(
    ambient === undefined || hasMethods(ambient, 'run', 'getStore'),
    'createEventTelemetry.ambient',
    ambient,
    'an AsyncLocalStorage, or nothing',
  );
  return new EventTelemetry(options);
}

const ignore = (): void => {};

class EventTelemetry implements Telemetry {
  readonly identity = 'given';
  readonly propagation: Propagation = w3cPropagation;
  readonly emitEvent = ignore;
  readonly observe = (): (() => void) => ignore;
  readonly #options: EventTelemetryOptions;
  readonly #ambient: AmbientContext | undefined;
  readonly #sampledFlag: boolean;

  constructor(options: EventTelemetryOptions) {
    this.#options = options;
    this.#ambient = options.ambient;
    this.#sampledFlag = options.sampledFlag ?? true;
  }

  startSpan(name: string, options: SpanOptions = {}): Span {
    const parent = options.parent === undefined ? this.activeContext() : (options.parent ?? undefined);
    const context = options.context ?? this.#newContext(parent);
    const isRecording = this.#options.respectSampling !== true || (context.traceFlags & 1) === 1;
    return new EventSpan(name, options, context, parent, isRecording, this.#options);
  }

  #newContext(parent: TraceContext | undefined): TraceContext {
    const context = createTraceContext({ parent });
    if (this.#sampledFlag || context.traceId === parent?.traceId) return context;
    return createTraceContext({ sampled: false });
  }

  activeContext(): TraceContext | undefined {
    return this.#ambient?.getStore();
  }

  withContext<T>(context: TraceContext | undefined, fn: () => T): T {
    return this.#ambient === undefined ? fn() : this.#ambient.run(context, fn);
  }

  isEnabled(signal: 'spans' | 'measurements'): boolean {
    return signal === 'spans';
  }

  importSpans(spans: readonly FinishedSpan[]): void {
    for (const { name, context, outcome, endTime, error, ...options } of spans) {
      const parent = options.parent ?? undefined;
      const span = new EventSpan(name, { ...options, context }, context, parent, true, this.#options);
      span.finish({ outcome, endTime }, error);
    }
  }

  async flush(options?: FlushOptions): Promise<FlushResult> {
    return asFlushResult(await this.#options.writer.flush(options));
  }

  async shutdown(options?: FlushOptions): Promise<FlushResult> {
    return asFlushResult(await this.#options.writer.close(options));
  }
}

function asFlushResult({ complete, reason, ...account }: WriterFlushResult): FlushResult {
  return { complete, reason, account };
}
