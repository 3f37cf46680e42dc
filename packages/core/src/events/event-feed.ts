import type { TraceEvent } from './trace-event.ts';
import type { AbortSignalLike, TraceListQuery } from './trace-store.ts';

/**
 * Events on their way to one reader of `tail`. Bounded: a reader that does not keep up misses the oldest ones.
 *
 * Events count from the moment `tail` was called, so that what is appended before the first `next` is not missed.
 */
export class EventFeed implements AsyncIterableIterator<TraceEvent> {
  readonly query: TraceListQuery;
  readonly #maxEvents: number;
  readonly #ended: () => void;
  readonly #signal: AbortSignalLike | undefined;
  readonly #events: TraceEvent[] = [];
  readonly #waiting: ((result: IteratorResult<TraceEvent>) => void)[] = [];
  #isOver = false;

  constructor(
    query: TraceListQuery,
    maxEvents: number,
    ended: () => void,
    signal: AbortSignalLike | undefined,
  ) {
    this.query = query;
    this.#maxEvents = maxEvents;
    this.#ended = ended;
    this.#signal = signal;
    if (signal?.aborted) this.#isOver = true;
    else signal?.addEventListener('abort', this.end);
  }

  push(event: TraceEvent): void {
    const reader = this.#waiting.shift();
    if (reader !== undefined) reader({ done: false, value: event });
    else if (this.#events.push(event) > this.#maxEvents) this.#events.shift();
  }

  /** What was pushed before can still be read. */
  readonly end = (): void => {
    this.#isOver = true;
    this.#signal?.removeEventListener('abort', this.end);
    this.#ended();
    for (const reader of this.#waiting.splice(0)) reader({ done: true, value: undefined });
  };

  next(): Promise<IteratorResult<TraceEvent>> {
    const value = this.#events.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<TraceEvent>> {
    this.#events.length = 0;
    this.end();
    return this.next();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
