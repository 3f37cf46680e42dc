import type { WorkEntity } from '../telemetry/span.ts';
import type { TraceEvent } from './trace-event.ts';

/** The part of `AbortSignal` that stores use; every `AbortSignal` fits. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What became of a batch. `stored + duplicates + rejected.length` is the size of the batch. */
export interface AppendResult {
  readonly stored: number;
  /** Events whose `event_id` was stored before. */
  readonly duplicates: number;
  /** Events that can never be stored, each with its reason. */
  readonly rejected: readonly { readonly event: TraceEvent; readonly reason: string }[];
}

/** Which traces to list. All given conditions must hold. */
export interface TraceListQuery {
  readonly status?: 'success' | 'failed' | 'open' | undefined;
  /** Milliseconds since the epoch, inclusive: traces with an event at or after it. */
  readonly since?: number | undefined;
  /** Milliseconds since the epoch, exclusive: traces that started before it. */
  readonly until?: number | undefined;
  readonly queue?: string | undefined;
  /** A job id or execution id. */
  readonly entityId?: string | undefined;
  readonly tag?: string | undefined;
  readonly eventType?: string | undefined;
  readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Case-insensitive substring of error type, error message and span name. */
  readonly text?: string | undefined;
  /** Traces that link to this trace id. */
  readonly linkedTo?: string | undefined;
  /** @default 100 */
  readonly limit?: number | undefined;
  /** Opaque, from the previous page. */
  readonly cursor?: string | undefined;
}

/** One row of a list of traces. */
export interface TraceSummary {
  readonly traceId: string;
  /** Milliseconds since the epoch; 0 when no event has a readable timestamp. */
  readonly startedAt: number;
  /** Milliseconds since the epoch; 0 when no event has a readable timestamp. */
  readonly lastAt: number;
  readonly events: number;
  readonly entities: readonly WorkEntity[];
  /**
   * `failed`: an event of phase `failed` exists; a recovered attempt is `retrying` and does not count. `open`: work
   * started and did not end. Readers that need the effective outcome build the graph.
   */
  readonly status: 'success' | 'failed' | 'open';
}

export interface TraceListPage {
  /** Newest first. */
  readonly traces: readonly TraceSummary[];
  readonly cursor?: string | undefined;
}

/** What a store cannot do. Absent means it can. */
export interface StoreCapabilities {
  readonly listTraces?: false | undefined;
  readonly tail?: false | undefined;
  readonly text?: false | undefined;
  readonly linkedTo?: false | undefined;
}

export interface ReadOptions {
  readonly signal?: AbortSignalLike | undefined;
}

/**
 * Keeps trace events.
 *
 * The numbered sentences are the contract; the conformance suite has one case for each number. An implementation calls
 * `encodeTraceEvent` on what it is given, and may answer `listTraces` with `summarizeTrace`, `matchesTraceQuery` and
 * `pageOfTraces`, which define what the answers mean.
 */
export interface TraceStore {
  /**
   * Stores a batch.
   *
   * 1. MUST resolve only when the events are durable, in the sense that the store documents, and reject otherwise. After
   *    a rejection any part of the batch may be stored.
   * 2. MUST be idempotent by `event_id`: an event whose id is stored already, or comes twice in one batch, changes
   *    nothing and counts as a duplicate, also when the first try was rejected or is still under way.
   * 3. MUST NOT lose a batch for one event: what can never be stored is returned as rejected with a reason, the rest is
   *    stored.
   * 4. MUST account for every event: `stored + duplicates + rejected.length` is the size of the batch. An empty batch
   *    resolves with zeros.
   * 5. MUST give an event without `event_id` the one that `eventId` derives.
   * 6. MUST keep ids, times, tags and `data` as `encodeTraceEvent` makes them, keys it does not know included.
   * 7. MUST NOT change the array or the events, nor keep them: the caller may change them once the call has returned.
   * 8. MUST reject with code `THROUGHLINE_STORE_UNAVAILABLE` when it cannot be reached or asks for patience, with
   *    `retryAfterMs` when it knows how much. An error with `retryable: false` says that this batch will never succeed.
   * 9. MUST accept calls that overlap; each behaves as if alone.
   */
  append(events: readonly TraceEvent[]): Promise<AppendResult>;
  /**
   * Reads one trace.
   *
   * 10. MUST resolve with all stored events of the trace, each once, in any order.
   * 11. MUST resolve with an empty array for an unknown id.
   * 12. MUST compare ids exactly: a trace whose id begins alike, or differs in case, is another trace.
   * 13. MUST include what an `append` of this object stored before the call.
   * 14. MUST NOT let a change of the returned array or events reach what is stored; events MAY be frozen.
   * 15. MUST reject with `signal.reason` when the signal is or becomes aborted.
   */
  getTrace(traceId: string, options?: ReadOptions): Promise<TraceEvent[]>;
  /**
   * Finds traces.
   *
   * 16. MUST return the traces for which `matchesTraceQuery` holds, with the summary that `summarizeTrace` gives.
   * 17. MUST order them newest first: by `startedAt` from the latest, then by `traceId`; at most `limit`.
   * 18. MUST return a `cursor` exactly when there is more. Following cursors MUST give every trace that existed at the
   *     first page once, whatever is appended in between; one whose `startedAt` that moves MAY come again, or be missed.
   * 19. MUST reject with code `THROUGHLINE_STORE_UNSUPPORTED` what its `capabilities` exclude.
   */
  listTraces(query?: TraceListQuery): Promise<TraceListPage>;
  /**
   * Follows what is being stored.
   *
   * 20. MUST yield each event that is stored after the call, once, when its trace matches the query at that time. `limit`
   *     and `cursor` are ignored.
   * 21. MUST end, after what was stored before, when the signal is aborted or the store is closed.
   * 22. MUST stay bounded when the reader does not keep up; it then misses the oldest events.
   * 23. MUST throw, at the call or at the first `next`, with code `THROUGHLINE_STORE_UNSUPPORTED` when its `capabilities`
   *     exclude it.
   */
  tail(query?: TraceListQuery, options?: ReadOptions): AsyncIterable<TraceEvent>;
  /** This process's clock domain; only a store that knows its process can tell. */
  readonly source?: string | undefined;
  readonly capabilities: StoreCapabilities;
  /**
   * Ends the use of this object; what is stored stays.
   *
   * 24. MUST resolve when everything appended before is durable, and again, at once, when called again.
   * 25. After it every method MUST fail with code `THROUGHLINE_STORE_CLOSED`.
   */
  close(): Promise<void>;
  /**
   * Stores a batch before it returns: for the moment of a crash. It blocks. Absent in a store that cannot.
   *
   * 26. MUST do what is said of `append`, and throw where that rejects.
   */
  appendSync?(events: readonly TraceEvent[]): AppendResult;
}
