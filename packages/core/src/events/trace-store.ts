import type { WorkEntity } from '../telemetry/telemetry.ts';
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
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds since the epoch. */
  readonly lastAt: number;
  readonly events: number;
  readonly entities: readonly WorkEntity[];
  /** `failed`: an event of phase `failed` exists. `open`: work started and did not end. */
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

/** Keeps trace events. */
export interface TraceStore {
  append(events: readonly TraceEvent[]): Promise<AppendResult>;
  getTrace(traceId: string, options?: ReadOptions): Promise<TraceEvent[]>;
  listTraces(query?: TraceListQuery): Promise<TraceListPage>;
  tail(query?: TraceListQuery, options?: ReadOptions): AsyncIterable<TraceEvent>;
  /** This process's clock domain; only a store that knows its process can tell. */
  readonly source?: string | undefined;
  readonly capabilities: StoreCapabilities;
  close(): Promise<void>;
}
