import { StoreUnavailableError } from '@throughline/core';
import {
  type AppendResult,
  type Clock,
  MemoryTraceStore,
  type ReadOptions,
  type StoreCapabilities,
  type TraceEvent,
  type TraceListPage,
  type TraceListQuery,
  type TraceStore,
} from '@throughline/core/events';

/** A way in which `append` can fail. Those that begin with `stores` have stored what they say, whatever they answer. */
export type StoreFault =
  | 'throws'
  | 'throws undefined'
  | 'rejects'
  | 'rejects with a throwing proxy'
  | 'is unavailable'
  | 'asks for patience'
  | 'refuses for good'
  | 'hangs'
  | 'returns a thenable that throws'
  | 'answers late'
  | 'rejects one event'
  | 'stores and rejects'
  | 'stores and hangs'
  | 'stores half and rejects'
  | 'stores and returns no promise'
  | 'stores and returns nothing'
  | 'stores and returns nonsense'
  | 'stores and returns impossible counts'
  | 'stores and returns a getter bomb'
  | 'stores and returns a throwing proxy'
  | 'stores and changes what it was given';

type Batch = readonly TraceEvent[];
type Failing = (batch: Batch, store: HostileStore) => unknown;

const explode = (): never => {
  throw new Error('thrown by the answer of a hostile store');
};
const throwingProxy: object = new Proxy({}, { get: explode, has: explode, getPrototypeOf: explode });

/** Lets the batch be stored, and answers something else. */
const storing =
  (answer: (result: AppendResult, batch: Batch) => unknown): Failing =>
  async (batch, { inner }) =>
    answer(await inner.append(batch), batch);

const failures: Readonly<Record<StoreFault, Failing>> = {
  throws: () => {
    throw new Error('thrown by a hostile store');
  },
  'throws undefined': () => {
    throw undefined;
  },
  rejects: () => Promise.reject(new Error('rejected by a hostile store')),
  'rejects with a throwing proxy': () => Promise.reject(throwingProxy),
  'is unavailable': () => Promise.reject(new StoreUnavailableError('the store is down')),
  'asks for patience': () =>
    Promise.reject(new StoreUnavailableError('too many requests', { retryAfterMs: 700 })),
  'refuses for good': () =>
    Promise.reject(Object.assign(new Error('this will never do'), { retryable: false })),
  hangs: () => new Promise(() => {}),
  'returns a thenable that throws': () => Object.defineProperty({}, 'then', { value: explode }),
  'answers late': async (batch, { inner, clock, lateMs }) => {
    await new Promise<void>((resolve) => void clock.schedule(resolve, lateMs, false));
    return inner.append(batch);
  },
  'rejects one event': async (batch, { inner }) => {
    const [event, ...rest] = batch;
    const result = await inner.append(rest);
    return event === undefined ? result : { ...result, rejected: [{ event, reason: 'refused' }] };
  },
  'stores and rejects': storing(() => Promise.reject(new Error('the connection was lost'))),
  'stores and hangs': storing(() => new Promise(() => {})),
  'stores half and rejects': async (batch, { inner }) => {
    await inner.append(batch.slice(0, Math.ceil(batch.length / 2)));
    throw new Error('the connection was lost half way');
  },
  'stores and returns no promise': (batch, { inner }) => {
    void inner.append(batch);
    return { stored: batch.length, duplicates: 0, rejected: [] };
  },
  'stores and returns nothing': storing(() => undefined),
  'stores and returns nonsense': storing(() => ({ stored: 'all', duplicates: -3, rejected: 7 })),
  'stores and returns impossible counts': storing(() => ({ stored: 1e9, duplicates: 1e9, rejected: [] })),
  'stores and returns a getter bomb': storing(() =>
    Object.defineProperties({}, { stored: { get: explode }, duplicates: { get: explode } }),
  ),
  'stores and returns a throwing proxy': (batch, { inner }) => {
    void inner.append(batch);
    return new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : explode()) });
  },
  'stores and changes what it was given': storing((result, batch) => {
    (batch as TraceEvent[]).length = 0;
    return result;
  }),
};

/** Every way in which `append` can fail. */
export const storeFaults: readonly StoreFault[] = Object.keys(failures) as StoreFault[];

/** How a {@link HostileStore} behaves. */
export interface HostileStoreOptions {
  /** What its appends do, in turn and over and over. None: it works. */
  readonly faults?: readonly (StoreFault | 'works')[] | undefined;
  /** Where events really go. @default a new memory store */
  readonly inner?: TraceStore | undefined;
  /** Whose time the late answers take. @default the time of the platform */
  readonly clock?: Pick<Clock, 'schedule'> | undefined;
  /** How late. @default 400 */
  readonly lateMs?: number | undefined;
}

const platform: Pick<Clock, 'schedule'> = {
  schedule: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * A store that breaks its word in every way a store can: what it is asked, it throws, rejects, never answers, answers
 * with nonsense, or does without saying so. What was really stored can be read as from any store.
 *
 * @example
 * ```ts
 * import { EventWriter } from '@throughline/core/events';
 * import { HostileStore } from '@throughline/testkit';
 *
 * const store = new HostileStore({ faults: ['hangs', 'stores and rejects', 'works'] });
 * const writer = new EventWriter(store, { appendTimeoutMs: 100 });
 * await writer.flush();
 * store.faults = []; // it is well again
 * ```
 */
export class HostileStore implements TraceStore {
  /** What the next appends do, in turn and over and over. May be changed at any time. */
  faults: readonly (StoreFault | 'works')[];
  readonly inner: TraceStore;
  readonly clock: Pick<Clock, 'schedule'>;
  readonly lateMs: number;
  /** How often `append` was called. */
  appends = 0;
  readonly capabilities: StoreCapabilities;

  constructor(options: HostileStoreOptions = {}) {
    const { faults = [], inner = new MemoryTraceStore(), clock = platform, lateMs = 400 } = options;
    this.faults = faults;
    this.inner = inner;
    this.clock = clock;
    this.lateMs = lateMs;
    this.capabilities = inner.capabilities;
  }

  append(events: readonly TraceEvent[]): Promise<AppendResult> {
    const fault = this.faults[this.appends++ % this.faults.length] ?? 'works';
    if (fault === 'works') return this.inner.append(events);
    return failures[fault](events, this) as Promise<AppendResult>;
  }

  getTrace(traceId: string, options?: ReadOptions): Promise<TraceEvent[]> {
    return this.inner.getTrace(traceId, options);
  }

  listTraces(query?: TraceListQuery): Promise<TraceListPage> {
    return this.inner.listTraces(query);
  }

  tail(query?: TraceListQuery, options?: ReadOptions): AsyncIterable<TraceEvent> {
    return this.inner.tail(query, options);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
