import type { Propagation } from '../trace-context/propagation.ts';
import type { TraceContext } from '../trace-context/trace-context.ts';
import type { Attributes } from './attributes.ts';
import type { TelemetryEventKind } from './event-kind.ts';
import type { FinishedSpan, Span, SpanOptions } from './span.ts';

/** A value that is read when metrics are collected. */
export interface ObservedInstrument {
  readonly kind: 'gauge' | 'up_down_counter';
  readonly name: string;
  /** A UCUM unit: `s`, `By`, `{message}`. */
  readonly unit: string;
  readonly description?: string | undefined;
}

/** Called at collection time; reports any number of values through its argument. */
export type ObservedReader = (observe: (value: number, attributes?: Attributes) => void) => void;

/**
 * The account of an event writer. `accepted = stored + duplicates + spooled + dropped + rejected + buffered`, always; it
 * has what this writer accepted, and nothing else but `replayed`.
 */
export interface WriterStats {
  readonly accepted: number;
  readonly stored: number;
  /** Events that the store had already: the answer to an earlier try was lost. */
  readonly duplicates: number;
  /**
   * Events that wait in the spool. When they are brought to the store, they become `stored`, `duplicates` or `rejected`.
   */
  readonly spooled: number;
  /** Dropped events by reason; the sum of the values is the number dropped. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly rejected: number;
  /** Events in memory, batches in flight included. */
  readonly buffered: number;
  /**
   * Events of others, of processes that have ended for example, that were found in the spool and that the store has taken,
   * had already or rejected. They are no part of the sum.
   */
  readonly replayed: number;
}

/** What a flush reached before its deadline. */
export interface FlushResult {
  /** `true`: everything accepted before the call has left. `'unknown'`: the sink cannot tell. */
  readonly complete: boolean | 'unknown';
  readonly reason?: 'timeout' | 'failed' | 'unsupported' | undefined;
  /** Why it failed, in the words of what failed: an exporter's error, for example. */
  readonly error?: unknown;
  readonly account?: WriterStats | undefined;
}

export interface FlushOptions {
  /** @default 5000 */
  readonly timeoutMs?: number | undefined;
}

/** What a guarded telemetry has to say about itself. */
export interface TelemetryHealth {
  /** Failures by hook name: `startSpan`, `span.end`, … */
  readonly failures: Readonly<Record<string, number>>;
  readonly lastError?: unknown;
  /** Whether work started inside a span can find that span without being handed its context. */
  readonly ambient: boolean;
  /** Carriers that were not believed, by reason. */
  readonly rejectedCarriers: Readonly<Record<string, number>>;
}

/**
 * The port between sources (queues, engines, your code) and sinks (OpenTelemetry, an event store).
 *
 * A source calls it; a sink implements it; neither knows the other. Sources pass what users gave them through
 * {@link resolveTelemetry} once, so that no implementation, however broken, can reach the host.
 *
 * The numbered sentences here and at {@link Span} are the contract; the conformance suite has a case for each number.
 */
export interface Telemetry {
  /**
   * Who chooses the ids of spans. `'own'`: this telemetry always does, so it has to come first in `combineTelemetry`.
   * `'given'`: it uses `options.context` of `startSpan` when that is set.
   *
   * @default 'given'
   */
  readonly identity?: 'own' | 'given' | undefined;
  /**
   * Starts a span.
   *
   * 1. MUST return a span, whatever the values of the options are.
   * 2. MUST give a span that records an identity of its own: valid, and with a span id that no other span has. One that
   *    does not record MAY carry the context of its parent, or one of zeros.
   * 3. MUST make a child of `parent`, or of what is active when that is `undefined`: in the same trace, with the parent
   *    recorded.
   * 4. MUST start a new trace when `parent` is `null`.
   * 5. MUST use `options.context` as the identity, unless `identity` is `'own'`.
   * 6. MUST record the name, kind, attributes, links and start time that it is given.
   */
  startSpan(name: string, options?: SpanOptions): Span;
  /**
   * What is active in the caller's scope, if the sink can know.
   *
   * 7. MUST give the context that the innermost `withContext` or `Span.run` made active, and `undefined` outside of all.
   */
  activeContext(): TraceContext | undefined;
  /**
   * Runs `fn` exactly once with `context` active; `undefined` detaches from whatever was active.
   *
   * 8. MUST call `fn` once, before it returns, and give its very result or throw its very error.
   * 9. MUST restore what was active before, also after an error.
   */
  withContext<T>(context: TraceContext | undefined, fn: () => T): T;
  /** 10. MUST be a {@link Propagation} that reads what it wrote. */
  readonly propagation: Propagation;
  /**
   * Hands over one measured occurrence.
   *
   * 11. MUST record the value and the attributes that each instrument of the kind reads, and nothing where the value is
   *     `undefined`; or ignore the event, when it keeps no measurements.
   */
  emitEvent<E extends object>(kind: TelemetryEventKind<E>, event: NoInfer<E>): void;
  /**
   * Registers a reader for collection time.
   *
   * 12. MUST call the reader when measurements are collected, until the function that it returned is called.
   *
   * @returns a function that unregisters it
   */
  observe(instrument: ObservedInstrument, read: ObservedReader): () => void;
  /**
   * Ask before building an expensive payload.
   *
   * 13. MUST say `true` while what is reported of that signal may be recorded.
   */
  isEnabled(signal: 'spans' | 'measurements'): boolean;
  /**
   * Takes spans made elsewhere. Absent when the sink cannot.
   *
   * 14. MUST keep their ids, parents, times and outcomes.
   */
  importSpans?(spans: readonly FinishedSpan[]): void;
  /**
   * Waits until what was recorded has left.
   *
   * 15. MUST resolve soon after `timeoutMs` at the latest, never reject, and say `complete: true` only when every span that
   *     ended before the call has left.
   */
  flush(options?: FlushOptions): Promise<FlushResult>;
  /**
   * Stops what this telemetry started. Whoever creates a provider or a store closes it.
   *
   * 16. MUST flush, and resolve again when called again. After it every call MUST be accepted and every function run, and
   *     nothing that starts then recorded.
   */
  shutdown(options?: FlushOptions): Promise<FlushResult>;
}
