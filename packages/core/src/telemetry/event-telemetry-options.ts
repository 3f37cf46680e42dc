import type { EmittedEvent, WriterFlushResult } from '../events/event-writer.ts';
import type { TraceEvent } from '../events/trace-event.ts';
import type { AmbientContext } from './ambient-context.ts';
import type { FlushOptions } from './telemetry.ts';

/** Where event telemetry writes; an `EventWriter` fits. */
export interface TraceEventSink {
  emit(event: TraceEvent): EmittedEvent;
  flush(options?: FlushOptions): Promise<WriterFlushResult>;
  close(options?: FlushOptions): Promise<WriterFlushResult>;
}

export interface EventTelemetryOptions {
  /** Takes the events. `shutdown` closes it; its store stays open. */
  readonly writer: TraceEventSink;
  /**
   * Carries the active context along with asynchronous work: `new AsyncLocalStorage()` in Node. Without one, work that is
   * started inside a span needs the context of that span passed on.
   */
  readonly ambient?: AmbientContext | undefined;
  /** Store only spans whose sampled flag is set. @default false */
  readonly respectSampling?: boolean | undefined;
  /** The sampled flag of the traces that begin here, for those who continue them. @default true */
  readonly sampledFlag?: boolean | undefined;
  /** Store the stack traces of errors; they may tell paths and arguments. @default false */
  readonly recordStacks?: boolean | undefined;
}
