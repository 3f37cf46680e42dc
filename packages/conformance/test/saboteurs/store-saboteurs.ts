import { StoreClosedError, type WorkEntity } from '@throughline/core';
import {
  type AppendResult,
  eventId,
  parseTimestamp,
  type ReadOptions,
  type StoreCapabilities,
  type TraceEvent,
  type TraceListPage,
  type TraceListQuery,
} from '@throughline/core/events';
import { type MemoryPlace, type Prepared, SharedMemoryStore, turn } from '../sound/shared-memory-store.ts';

/** A store that is wrong in one way, and the one case that must find it out. */
export interface StoreSaboteur {
  readonly wrong: string;
  readonly fails: string;
  readonly Store: new (place: MemoryPlace) => SharedMemoryStore;
}

/** What saboteurs of one place know of each other. */
class Shared<T> {
  readonly #values = new WeakMap<MemoryPlace, T>();
  readonly #make: () => T;
  constructor(make: () => T) {
    this.#make = make;
  }
  of(place: MemoryPlace): T {
    const value = this.#values.get(place) ?? this.#make();
    this.#values.set(place, value);
    return value;
  }
}

const hidden = new Shared(() => new Map<string, SharedMemoryStore>());
const overwritten = new Shared(() => new Map<string, TraceEvent>());
const givenBy = new Shared(() => new Map<string, Set<SharedMemoryStore>>());
const writing = new Shared(() => new Map<SharedMemoryStore, number>());
const lost = new Shared(() => new Set<string>());

const idOf = ({ event_id = '' }: TraceEvent): string => event_id;

function withData(event: TraceEvent, change: (json: string) => string): TraceEvent {
  return event.data === undefined
    ? event
    : { ...event, data: JSON.parse(change(JSON.stringify(event.data))) };
}

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== '';
  } catch {
    return false;
  }
}

export const appendSaboteurs: readonly StoreSaboteur[] = [
  {
    wrong: 'resolves while only the writer itself can see the events',
    fails: '1a',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        for (const event of events) hidden.of(this.place).set(idOf(event), this);
        return super.write(events);
      }
      override async read(traceId: string): Promise<TraceEvent[]> {
        const owners = hidden.of(this.place);
        return (await super.read(traceId)).filter((event) => (owners.get(idOf(event)) ?? this) === this);
      }
      override async close(): Promise<void> {
        await super.close();
        for (const [id, owner] of hidden.of(this.place)) if (owner === this) hidden.of(this.place).delete(id);
      }
    },
  },
  {
    wrong: 'says stored while its place is down, and forgets',
    fails: '1b',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        if (this.place.isDown) return { stored: events.length, duplicates: 0, rejected: [] };
        return super.write(events);
      }
    },
  },
  {
    wrong: 'counts an event twice that comes twice in a batch',
    fails: '2a',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        const result = await super.write(events);
        const again = events.length - new Set(events.map(idOf)).size;
        return result.stored === 0
          ? result
          : { ...result, stored: result.stored + again, duplicates: result.duplicates - again };
      }
    },
  },
  {
    wrong: 'lets the last version of an event win',
    fails: '2b',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        const result = await super.write(events);
        for (const event of events) overwritten.of(this.place).set(idOf(event), event);
        return result;
      }
      override async read(traceId: string): Promise<TraceEvent[]> {
        const latest = overwritten.of(this.place);
        return (await super.read(traceId)).map((event) => latest.get(idOf(event)) ?? event);
      }
    },
  },
  {
    wrong: 'takes for new what it is still writing',
    fails: '2c',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        const isAlone = this.underWay === 1;
        const result = await super.write(events);
        return isAlone ? result : { ...result, stored: result.stored + result.duplicates, duplicates: 0 };
      }
    },
  },
  {
    wrong: 'leaves half of a batch behind, under other ids, when it rejects it',
    fails: '2d',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        if (this.place.isDown)
          await this.place.memory.append(
            events.slice(5).map((event) => ({ ...event, event_id: `${idOf(event)}'` })),
          );
        return super.write(events);
      }
    },
  },
  {
    wrong: 'gives an event as often as there are stores that were given it',
    fails: '2e',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        const givers = givenBy.of(this.place);
        for (const event of events) givers.set(idOf(event), (givers.get(idOf(event)) ?? new Set()).add(this));
        return super.write(events);
      }
      override async read(traceId: string): Promise<TraceEvent[]> {
        const times = (event: TraceEvent): number => givenBy.of(this.place).get(idOf(event))?.size ?? 1;
        return (await super.read(traceId)).flatMap((event) =>
          Array.from({ length: times(event) }, () => event),
        );
      }
    },
  },
  {
    wrong: 'loses an event that is delivered for the fourth time',
    fails: '2f',
    Store: class extends SharedMemoryStore {
      readonly #times = new Map<string, number>();
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        const result = await super.write(events);
        for (const id of new Set(events.map(idOf))) this.#times.set(id, (this.#times.get(id) ?? 0) + 1);
        return result;
      }
      override async read(traceId: string): Promise<TraceEvent[]> {
        return (await super.read(traceId)).filter((event) => (this.#times.get(idOf(event)) ?? 0) < 4);
      }
    },
  },
  {
    wrong: 'loses a batch for one value that is no event',
    fails: '3a',
    Store: class extends SharedMemoryStore {
      override prepare(events: readonly TraceEvent[]): Prepared {
        const prepared = super.prepare(events);
        if (prepared.rejected.length > 0) throw new TypeError('the batch holds no events');
        return prepared;
      }
    },
  },
  {
    wrong: 'rejects data that JSON.stringify does not take',
    fails: '3b',
    Store: class extends SharedMemoryStore {
      override prepare(events: readonly TraceEvent[]): Prepared {
        const { accepted, rejected } = super.prepare(events.filter(isJson));
        const refused = events.filter((event) => !isJson(event));
        return {
          accepted,
          rejected: [...rejected, ...refused.map((event) => ({ event, reason: 'no JSON' }))],
        };
      }
    },
  },
  {
    wrong: 'accounts for the first 200 events of a batch',
    fails: '4a',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        const result = await super.write(events);
        return { ...result, stored: Math.min(200, result.stored) };
      }
    },
  },
  {
    wrong: 'fails on an empty batch',
    fails: '4b',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        if (events.length === 0) throw new RangeError('nothing to insert');
        return super.write(events);
      }
    },
  },
  {
    wrong: 'gives events without an id a random one',
    fails: '5',
    Store: class extends SharedMemoryStore {
      override prepare(events: readonly TraceEvent[]): Prepared {
        const { accepted, rejected } = super.prepare(events);
        const isDerived = ({ event_id, ...event }: TraceEvent): boolean => event_id === eventId(event);
        const named = (event: TraceEvent): TraceEvent =>
          isDerived(event) ? { ...event, event_id: crypto.randomUUID() } : event;
        return { accepted: accepted.map(named), rejected };
      }
    },
  },
  {
    wrong: 'keeps no timestamp that it cannot read',
    fails: '6a',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        const isRead = ({ timestamp }: TraceEvent): boolean => !Number.isNaN(parseTimestamp(timestamp));
        return super.write(events.map((event) => (isRead(event) ? event : { ...event, timestamp: '' })));
      }
    },
  },
  {
    wrong: 'keeps no character of four bytes, as a column of three-byte UTF-8 does',
    fails: '6b',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        const narrow = (json: string): string => json.replace(/[\u{10000}-\u{10FFFF}]/gu, '?');
        return super.write(events.map((event) => withData(event, narrow)));
      }
    },
  },
  {
    wrong: 'takes keys that begin with $ for commands',
    fails: '6c',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        const escaped = (json: string): string => json.replaceAll('"$ref":', '"_ref":');
        return super.write(events.map((event) => withData(event, escaped)));
      }
    },
  },
  {
    wrong: 'loses which span a compensation undoes',
    fails: '6d',
    Store: class extends SharedMemoryStore {
      override async read(traceId: string): Promise<TraceEvent[]> {
        const forget = (json: string): string => json.replaceAll('"original_span_id":', '"original_span":');
        return (await super.read(traceId)).map((event) => withData(event, forget));
      }
    },
  },
  {
    wrong: 'writes the derived id into the event it was given',
    fails: '7a',
    Store: class extends SharedMemoryStore {
      override prepare(events: readonly TraceEvent[]): Prepared {
        for (const event of events) {
          try {
            if (!Object.hasOwn(event, 'event_id')) Reflect.set(event, 'event_id', eventId(event));
          } catch {}
        }
        return super.prepare(events);
      }
    },
  },
  {
    wrong: 'copies the events later than the call',
    fails: '7b',
    Store: class extends SharedMemoryStore {
      override prepare(events: readonly TraceEvent[]): Prepared {
        const prepared = super.prepare(events);
        return prepared.rejected.length > 0 ? prepared : { ...prepared, accepted: events as TraceEvent[] };
      }
    },
  },
  {
    wrong: 'rejects with an error of its driver when its place is down',
    fails: '8',
    Store: class extends SharedMemoryStore {
      override unavailable(): Error {
        return Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
      }
    },
  },
  {
    wrong: 'drops what is appended while it reads',
    fails: '9a',
    Store: class extends SharedMemoryStore {
      #reads = 0;
      override async getTrace(traceId: string, options?: ReadOptions): Promise<TraceEvent[]> {
        this.#reads++;
        return super.getTrace(traceId, options).finally(() => this.#reads--);
      }
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        await turn();
        return super.write(this.#reads === 0 ? events : []);
      }
    },
  },
  {
    wrong: 'drops what it appends while another store does',
    fails: '9b',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        const writers = writing.of(this.place);
        const isAlone = writers.size === 0 || writers.has(this);
        if (isAlone) writers.set(this, (writers.get(this) ?? 0) + 1);
        const result = await super.write(isAlone ? events : []);
        if (isAlone && this.underWay === 1) writers.delete(this);
        return result;
      }
    },
  },
];

export const getTraceSaboteurs: readonly StoreSaboteur[] = [
  {
    wrong: 'gives one page of a trace',
    fails: '10',
    Store: class extends SharedMemoryStore {
      override async read(traceId: string): Promise<TraceEvent[]> {
        return (await super.read(traceId)).slice(0, 500);
      }
    },
  },
  {
    wrong: 'takes the empty id for no condition',
    fails: '11',
    Store: class extends SharedMemoryStore {
      override async read(traceId: string): Promise<TraceEvent[]> {
        return super.read(traceId || 'T1');
      }
    },
  },
  {
    wrong: 'finds a trace by a part of its index key',
    fails: '12a',
    Store: class extends SharedMemoryStore {
      override async read(traceId: string): Promise<TraceEvent[]> {
        const exact = await super.read(traceId);
        return exact.length === 0 ? exact : [...exact, ...(await super.read(`${traceId}0`))];
      }
    },
  },
  {
    wrong: 'compares ids without regard to case',
    fails: '12b',
    Store: class extends SharedMemoryStore {
      override async read(traceId: string): Promise<TraceEvent[]> {
        const ids = new Set([traceId, traceId.toLowerCase(), traceId.toUpperCase()]);
        return (await Promise.all([...ids].map((id) => super.read(id)))).flat();
      }
    },
  },
  {
    wrong: 'trims ids',
    fails: '12c',
    Store: class extends SharedMemoryStore {
      override async read(traceId: string): Promise<TraceEvent[]> {
        const blank = traceId.trim() === traceId ? [] : await super.read(` ${traceId.trim()}`);
        const exact = await super.read(traceId);
        return exact.length === 0 ? exact : [...new Set([...exact, ...blank])];
      }
    },
  },
  {
    wrong: 'compares the first 255 characters of ids',
    fails: '12d',
    Store: class extends SharedMemoryStore {
      override async read(traceId: string): Promise<TraceEvent[]> {
        const isCut = traceId.length > 255 && traceId.length <= 1_024;
        return super.read(isCut ? `${traceId.slice(0, -1)}a` : traceId);
      }
    },
  },
  {
    wrong: 'reads from a copy that lags one event behind',
    fails: '13',
    Store: class extends SharedMemoryStore {
      #appends = 0;
      #areSingle = true;
      #last: TraceEvent | undefined;
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        this.#areSingle &&= events.length === 1;
        this.#last = this.#appends++ === 0 ? undefined : events[0];
        return super.write(events);
      }
      override async read(traceId: string): Promise<TraceEvent[]> {
        const lags = this.#areSingle && this.#last !== undefined;
        return (await super.read(traceId)).filter((event) => !lags || idOf(event) !== this.#last?.event_id);
      }
    },
  },
  {
    wrong: 'gives out what it keeps',
    fails: '14',
    Store: class extends SharedMemoryStore {
      #kept = new Map<string, TraceEvent[]>();
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        const result = await super.write(events);
        this.#kept = new Map();
        return result;
      }
      override async read(traceId: string): Promise<TraceEvent[]> {
        const all = this.#kept;
        const kept = all.get(traceId);
        if (kept !== undefined) return kept;
        const own = (await super.read(traceId)).map(
          (event) => JSON.parse(JSON.stringify(event)) as TraceEvent,
        );
        all.set(traceId, own);
        return own;
      }
    },
  },
  {
    wrong: 'does not look at a signal that was aborted before',
    fails: '15a',
    Store: class extends SharedMemoryStore {
      override async getTrace(traceId: string, options: ReadOptions = {}): Promise<TraceEvent[]> {
        return super.getTrace(traceId, options.signal?.aborted ? {} : options);
      }
    },
  },
  {
    wrong: 'rejects with an error of its own when it is aborted on the way',
    fails: '15b',
    Store: class extends SharedMemoryStore {
      override async getTrace(traceId: string, options: ReadOptions = {}): Promise<TraceEvent[]> {
        if (options.signal?.aborted) return super.getTrace(traceId, options);
        const events = await super.getTrace(traceId);
        if (options.signal?.aborted) throw new Error('The operation was aborted');
        return events;
      }
    },
  },
];

export const listTracesSaboteurs: readonly StoreSaboteur[] = [
  {
    wrong: 'takes a queue for a pattern, as LIKE does',
    fails: '16a',
    Store: class extends SharedMemoryStore {
      override async list({ queue, ...query }: TraceListQuery): Promise<TraceListPage> {
        const page = await super.list(query);
        if (queue === undefined) return page;
        const pattern = new RegExp(`^${queue.replaceAll('%', '.*').replaceAll('_', '.')}$`);
        const isLike = (entity: WorkEntity): boolean => pattern.test(entity.queue ?? '');
        return { ...page, traces: page.traces.filter(({ entities }) => entities.some(isLike)) };
      }
    },
  },
  {
    wrong: 'finds text by its case',
    fails: '16b',
    Store: class extends SharedMemoryStore {
      override async list(query: TraceListQuery): Promise<TraceListPage> {
        const { text = '' } = query;
        return this.listOnly(query, (event) => JSON.stringify(event).includes(text));
      }
    },
  },
  {
    wrong: 'finds links by a part of their trace id',
    fails: '16c',
    Store: class extends SharedMemoryStore {
      override async list(query: TraceListQuery): Promise<TraceListPage> {
        const { linkedTo, ...others } = query;
        if (linkedTo === undefined) return super.list(query);
        const isLinked = ({ data }: TraceEvent): boolean =>
          data?.links?.some(({ trace_id }) => trace_id.startsWith(linkedTo)) ?? false;
        return this.listOnly(others, isLinked);
      }
    },
  },
  {
    wrong: 'is content with one of several conditions',
    fails: '16d',
    Store: class extends SharedMemoryStore {
      override async list({ limit, cursor, ...conditions }: TraceListQuery): Promise<TraceListPage> {
        const [first] = Object.entries(conditions);
        return super.list({ limit, cursor, ...(first && { [first[0]]: first[1] }) });
      }
    },
  },
  {
    wrong: 'counts the events of a summary wrong',
    fails: '16e',
    Store: class extends SharedMemoryStore {
      override async list(query: TraceListQuery): Promise<TraceListPage> {
        const { traces, cursor } = await super.list(query);
        return { traces: traces.map((summary) => ({ ...summary, events: 1 })), cursor };
      }
    },
  },
  {
    wrong: 'lists traces of one instant in any order',
    fails: '17a',
    Store: class extends SharedMemoryStore {
      override async list(query: TraceListQuery): Promise<TraceListPage> {
        const { traces, cursor } = await super.list(query);
        const sorted = [...traces].sort(
          (a, b) => b.startedAt - a.startedAt || (a.traceId < b.traceId ? 1 : -1),
        );
        return { traces: sorted, cursor };
      }
    },
  },
  {
    wrong: 'has no limit of its own',
    fails: '17b',
    Store: class extends SharedMemoryStore {
      override async list(query: TraceListQuery): Promise<TraceListPage> {
        return super.list({ limit: 10_000, ...query });
      }
    },
  },
  {
    wrong: 'has a cursor whenever a page is full',
    fails: '18a',
    Store: class extends SharedMemoryStore {
      override async list(query: TraceListQuery): Promise<TraceListPage> {
        const page = await super.list(query);
        const last = page.traces.at(-1);
        const isFull = last !== undefined && page.traces.length === query.limit;
        return isFull ? { ...page, cursor: `${last.startedAt} ${last.traceId}` } : page;
      }
    },
  },
  {
    wrong: 'counts rows for a cursor',
    fails: '18b',
    Store: class extends SharedMemoryStore {
      override async list({ cursor, limit = 100, ...query }: TraceListQuery): Promise<TraceListPage> {
        const { traces } = await super.list({ ...query, limit: 10_000 });
        const end = Number(cursor ?? 0) + limit;
        const page = traces.slice(end - limit, end);
        return end < traces.length ? { traces: page, cursor: String(end) } : { traces: page };
      }
    },
  },
  {
    wrong: 'says that it cannot do what it can',
    fails: '19',
    Store: class extends SharedMemoryStore {
      override readonly capabilities: StoreCapabilities = { text: false };
    },
  },
];

/** The events of a tail that keeps nothing from it but what `select` lets pass. */
async function* selected(
  tail: AsyncIterable<TraceEvent>,
  select: (event: TraceEvent, index: number) => boolean,
): AsyncIterable<TraceEvent> {
  let index = 0;
  for await (const event of tail) if (select(event, index++)) yield event;
}

async function* either(
  kept: readonly TraceEvent[],
  tail: AsyncIterable<TraceEvent>,
): AsyncIterable<TraceEvent> {
  yield* kept.length > 0 ? kept : tail;
}

export const tailSaboteurs: readonly StoreSaboteur[] = [
  {
    wrong: 'yields again what is delivered again',
    fails: '20a',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        const result = await super.write(events);
        if (result.duplicates > 0 && result.stored === 0)
          await this.place.memory.append(
            events.map((event) => ({ ...event, event_id: `again ${idOf(event)}` })),
          );
        return result;
      }
      override async read(traceId: string): Promise<TraceEvent[]> {
        return (await super.read(traceId)).filter((event) => !idOf(event).startsWith('again '));
      }
    },
  },
  {
    wrong: 'yields the events of all traces',
    fails: '20b',
    Store: class extends SharedMemoryStore {
      override follow(_query: TraceListQuery, signal: AbortSignal): AsyncIterable<TraceEvent> {
        return super.follow({}, signal);
      }
    },
  },
  {
    wrong: 'yields no more events than the limit of a list',
    fails: '20c',
    Store: class extends SharedMemoryStore {
      override follow(query: TraceListQuery, signal: AbortSignal): AsyncIterable<TraceEvent> {
        const { limit = 100_000 } = query;
        return selected(super.follow(query, signal), (_event, index) => index < limit);
      }
    },
  },
  {
    wrong: 'yields its own events only',
    fails: '20d',
    Store: class extends SharedMemoryStore {
      readonly #own = new Set<string>();
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        for (const event of events) this.#own.add(idOf(event));
        return super.write(events);
      }
      override follow(query: TraceListQuery, signal: AbortSignal): AsyncIterable<TraceEvent> {
        return selected(super.follow(query, signal), (event) => this.#own.has(idOf(event)));
      }
    },
  },
  {
    wrong: 'notices that it is over only when it yields',
    fails: '21a',
    Store: class extends SharedMemoryStore {
      override follow(query: TraceListQuery, signal: AbortSignal): AsyncIterable<TraceEvent> {
        if (signal.aborted) return super.follow(query, signal);
        const tail = super.follow(query, signal) as AsyncIterableIterator<TraceEvent>;
        const own: AsyncIterableIterator<TraceEvent> = {
          next: () => {
            const isWaiting = !signal.aborted;
            return tail.next().then((next) => (isWaiting && next.done ? new Promise<never>(() => {}) : next));
          },
          [Symbol.asyncIterator]: () => own,
        };
        return own;
      }
    },
  },
  {
    wrong: 'begins although the signal was aborted before',
    fails: '21b',
    Store: class extends SharedMemoryStore {
      override follow(query: TraceListQuery, signal: AbortSignal): AsyncIterable<TraceEvent> {
        if (!signal.aborted) return super.follow(query, signal);
        const soon = new AbortController();
        setTimeout(() => soon.abort(), 5);
        return super.follow(query, soon.signal);
      }
    },
  },
  {
    wrong: 'drops what it has not yielded when it is closed',
    fails: '21c',
    Store: class extends SharedMemoryStore {
      override follow(query: TraceListQuery, signal: AbortSignal): AsyncIterable<TraceEvent> {
        const { closing } = this;
        return selected(super.follow(query, signal), () => !closing.signal.aborted);
      }
    },
  },
  {
    wrong: 'keeps the oldest events for a reader that does not keep up',
    fails: '22a',
    Store: class extends SharedMemoryStore {
      override follow(query: TraceListQuery, signal: AbortSignal): AsyncIterable<TraceEvent> {
        return selected(super.follow(query, signal), (_event, index) => index < 1_400);
      }
    },
  },
  {
    wrong: 'keeps everything for a reader that does not keep up',
    fails: '22b',
    Store: class extends SharedMemoryStore {
      readonly #all: TraceEvent[] = [];
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        if (events.length > 50) this.#all.push(...events);
        return super.write(events);
      }
      override follow(query: TraceListQuery, signal: AbortSignal): AsyncIterable<TraceEvent> {
        return either(this.#all, super.follow(query, signal));
      }
    },
  },
];

export const closeSaboteurs: readonly StoreSaboteur[] = [
  {
    wrong: 'rejects the appends under way when it is closed',
    fails: '24a',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        const result = await super.write(events);
        this.check();
        return result;
      }
    },
  },
  {
    wrong: 'fails when it is closed again',
    fails: '24b',
    Store: class extends SharedMemoryStore {
      override async close(): Promise<void> {
        this.check();
        return super.close();
      }
    },
  },
  {
    wrong: 'keeps the first 200 events over a restart',
    fails: '24c',
    Store: class extends SharedMemoryStore {
      readonly #own: string[] = [];
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        this.#own.push(...events.map(idOf));
        return super.write(events);
      }
      override async close(): Promise<void> {
        for (const id of this.#own.slice(200)) lost.of(this.place).add(id);
        return super.close();
      }
      override async read(traceId: string): Promise<TraceEvent[]> {
        return (await super.read(traceId)).filter((event) => !lost.of(this.place).has(idOf(event)));
      }
    },
  },
  {
    wrong: 'does not wait for its appends when it is closed',
    fails: '24d',
    Store: class extends SharedMemoryStore {
      override async write(events: readonly TraceEvent[]): Promise<AppendResult> {
        await turn();
        if (this.closing.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 20));
        return super.write(events);
      }
      override async close(): Promise<void> {
        this.closing.abort();
      }
    },
  },
  {
    wrong: 'reads on after it was closed',
    fails: '25',
    Store: class extends SharedMemoryStore {
      override async getTrace(traceId: string, options?: ReadOptions): Promise<TraceEvent[]> {
        return this.closing.signal.aborted ? super.read(traceId) : super.getTrace(traceId, options);
      }
    },
  },
];

export const appendSyncSaboteurs: readonly StoreSaboteur[] = [
  {
    wrong: 'stores no event without an id when it must not wait',
    fails: '26a',
    Store: class extends SharedMemoryStore {
      override appendSync(events: readonly TraceEvent[]): AppendResult {
        return super.appendSync(events.length > 1 ? events : events.filter(({ event_id }) => event_id));
      }
    },
  },
  {
    wrong: 'keeps the last words of its process to itself until it is closed',
    fails: '26b',
    Store: class extends SharedMemoryStore {
      override appendSync(events: readonly TraceEvent[]): AppendResult {
        for (const event of events) if (isJson(event)) hidden.of(this.place).set(event?.event_id ?? '', this);
        return super.appendSync(events);
      }
      override async read(traceId: string): Promise<TraceEvent[]> {
        const owners = hidden.of(this.place);
        return (await super.read(traceId)).filter((event) => (owners.get(idOf(event)) ?? this) === this);
      }
    },
  },
  {
    wrong: 'throws an error of its own when it must not wait and cannot',
    fails: '26c',
    Store: class extends SharedMemoryStore {
      override appendSync(events: readonly TraceEvent[]): AppendResult {
        if (this.place.isDown) throw new Error('connect refused');
        return super.appendSync(events);
      }
    },
  },
  {
    wrong: 'writes on after it was closed when it must not wait',
    fails: '26d',
    Store: class extends SharedMemoryStore {
      override appendSync(events: readonly TraceEvent[]): AppendResult {
        return this.closing.signal.aborted
          ? this.store(this.prepare(events).accepted)
          : super.appendSync(events);
      }
    },
  },
];

/** For a harness that says the store has no tail. */
export const tailless: StoreSaboteur = {
  wrong: 'fails with an error of its own where it has no tail',
  fails: '23',
  Store: class extends SharedMemoryStore {
    override readonly capabilities: StoreCapabilities = { tail: false };
    override tail(): AsyncIterable<TraceEvent> {
      this.check();
      throw new StoreClosedError('a store without a tail');
    }
  },
};
