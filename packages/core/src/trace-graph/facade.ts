import { EventWriter } from '../events/event-writer.ts';
import type { TraceEvent, TraceEventStatus } from '../events/trace-event.ts';
import type { ReadOptions, TraceStore } from '../events/trace-store.ts';
import { type Carrier, extractTraceContext, injectTraceContext } from '../trace-context/carrier.ts';
import { createTraceContext, type TraceContext } from '../trace-context/trace-context.ts';
import { randomSpanId } from '../trace-context/trace-ids.ts';
import { createTraceGraph, type TraceGraph, type TraceNode } from './trace-graph.ts';
import type { TraceSpan } from './trace-span.ts';

/*
 * The first hour with the library: write events, read them, ask. Every method is one call into what lies below, so
 * nothing has to be unlearned later: `TraceWriter` is an `EventWriter`, `TraceQuery` a `TraceGraph` that answers with
 * events.
 */

/**
 * Writes events of your own.
 *
 * @example
 * ```ts
 * import { MemoryTraceStore } from '@throughline/core/events';
 * import { TraceQuery, TraceReader, TraceWriter } from '@throughline/core/trace-graph';
 *
 * const store = new MemoryTraceStore();
 * const writer = new TraceWriter(store);
 * const { traceId, spanId } = writer.createContext();
 * writer.emit({ trace_id: traceId, span_id: spanId, event_type: 'order:placed', timestamp: new Date().toISOString() });
 * await writer.close();
 *
 * const query = new TraceQuery(await new TraceReader(store).getTrace(traceId));
 * query.getRoot()?.event_type; // 'order:placed'
 * ```
 */
export class TraceWriter extends EventWriter {
  /** A new span id. */
  generateId(): string {
    return randomSpanId();
  }

  /** A new span: the root of a new trace, or a span of the trace `traceId`. */
  createContext(traceId?: string): TraceContext {
    const context = createTraceContext();
    return traceId === undefined ? context : { ...context, traceId };
  }
}

/** Reads the events of a trace. */
export class TraceReader {
  readonly #store: TraceStore;

  constructor(store: TraceStore) {
    this.#store = store;
  }

  /** All events of the trace; none when it is unknown. */
  getTrace(traceId: string, options?: ReadOptions): Promise<TraceEvent[]> {
    return this.#store.getTrace(traceId, options);
  }
}

/** A compensation and what it undoes, by the events that decided their states. */
export interface CompensationPair {
  readonly compensation: TraceEvent;
  /** `undefined` when no event of the original arrived. */
  readonly original: TraceEvent | undefined;
}

/**
 * Questions to the events of a trace, answered with events: for a span, the event that decided its state.
 *
 * @see {@link TraceGraph} for the answers in full: causes, attempts, ledger, timing, text
 */
export class TraceQuery {
  /** The graph that answers. */
  readonly graph: TraceGraph;

  constructor(events: Iterable<TraceEvent>) {
    this.graph = createTraceGraph(events);
  }

  getRoot(): TraceEvent | undefined {
    return this.graph.root()?.event;
  }

  /** From the root down to the span. */
  getPath(spanId: string): TraceEvent[] {
    return eventsOf(this.graph.path(spanId));
  }

  getChildren(spanId: string): TraceEvent[] {
    return eventsOf(this.graph.children(spanId));
  }

  findByType(eventType: string): TraceEvent[] {
    return [...this.graph.findByType(eventType)];
  }

  findByStatus(status: TraceEventStatus): TraceEvent[] {
    return eventsOf(this.graph.findByStatus(status));
  }

  /** The first effective failure: a recovered retry is none, and a failed child comes before its parent. */
  getFailure(): TraceEvent | undefined {
    return this.graph.failure()?.event;
  }

  getCompensations(): CompensationPair[] {
    return this.graph
      .compensations()
      .flatMap(({ step, by }) =>
        eventsOf(by).map((compensation) => ({ compensation, original: step.event })),
      );
  }

  /** The tree below {@link getRoot}; other roots are in `graph.buildTree()`. */
  buildTree(): TraceNode | undefined {
    return this.graph.buildTree(this.graph.root())[0];
  }
}

function eventsOf(spans: readonly TraceSpan[]): TraceEvent[] {
  return spans.flatMap(({ event }) => event ?? []);
}

/** Where {@link addTraceToJob} puts the carrier. */
const jobKey = '_trace';

/**
 * The context that {@link addTraceToJob} put into a payload, for queues that have nothing but a payload. Adapters use
 * queue metadata instead and never touch the payload.
 *
 * @returns `undefined` for every payload without a valid context
 */
export function getTraceFromJob(data: unknown): TraceContext | undefined {
  try {
    return extractTraceContext((data as Partial<Record<typeof jobKey, unknown>>)[jobKey]);
  } catch {
    return undefined;
  }
}

/**
 * A copy of `data` that carries `context`.
 *
 * @example
 * ```ts
 * import { createTraceContext } from '@throughline/core';
 * import { addTraceToJob, getTraceFromJob } from '@throughline/core/trace-graph';
 *
 * const context = createTraceContext();
 * const data = addTraceToJob({ orderId: 17 }, context);
 * getTraceFromJob(data)?.traceId === context.traceId; // true
 * ```
 */
export function addTraceToJob<T extends object>(data: T, context: TraceContext): T & { _trace: Carrier } {
  const carrier: Carrier = {};
  injectTraceContext(context, carrier);
  return { ...data, [jobKey]: carrier } as T & { _trace: Carrier };
}
