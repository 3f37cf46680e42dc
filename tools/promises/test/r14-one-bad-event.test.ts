/**
 * R14: one bad event cannot lose a batch, in any store, and its own harmless parts are kept.
 */
import {
  EventWriter,
  MemoryTraceStore,
  type TraceEvent,
  type TraceEventData,
  type TraceStore,
} from '@throughline/core/events';
import { openJournalStore } from '@throughline/journal-store';
import { checkAccount, startScriptedStore } from '@throughline/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { event } from './support/build-event.ts';
import { HttpTraceStore } from './support/http-trace-store.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const explode = (): never => {
  throw new Error('thrown by a bad event');
};

function circular(): object {
  const self: Record<string, unknown> = { name: 'self' };
  self.self = self;
  return self;
}

function deep(): object {
  let nest: object = {};
  for (let depth = 0; depth < 100_000; depth++) nest = { nest };
  return nest;
}

/** Data that serialisers choke on. */
const badData: Readonly<Record<string, () => unknown>> = {
  'a circle': circular,
  'a BigInt': () => ({ n: 10n ** 30n }),
  'a text of 50 MB': () => ({ text: 'x'.repeat(50_000_000) }),
  'a toJSON that throws': () => ({ toJSON: explode }),
  'a toJSON that throws further down': () => ({ inner: { toJSON: explode } }),
  'a getter that throws': () => Object.defineProperty({}, 'bomb', { get: explode, enumerable: true }),
  'a proxy that throws': () =>
    new Proxy({}, { ownKeys: explode, get: explode, getOwnPropertyDescriptor: explode }),
  'a proxy that throws further down': () => ({ inner: new Proxy({}, { ownKeys: explode, get: explode }) }),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return { inner: proxy };
  },
  'a nest of 100,000': deep,
  'lone surrogates and NUL': () => ({ text: '\ud800 \u0000 \udfff' }),
  'a key of __proto__': () => JSON.parse('{"__proto__":{"polluted":true}}'),
  'functions and symbols': () => ({ fn: explode, symbol: Symbol('s'), [Symbol('key')]: 1 }),
  'a date that is none': () => ({ at: new Date(Number.NaN) }),
  'a hundred thousand keys': () =>
    Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n])),
  'a sparse array': () => ({ list: new Array(4_000_000_000) }),
  'no object': () => 'data',
};

/** What is no event at all. */
const noEvents: Readonly<Record<string, unknown>> = {
  null: null,
  'a text': 'event',
  'an event without a span': { trace_id: 'T1', event_type: 'job:started', timestamp: '2026-01-31T12:00:00Z' },
  'a proxy that throws': new Proxy({}, { get: explode, has: explode, ownKeys: explode }),
};

interface Place {
  readonly store: TraceStore;
  readonly stored: TraceStore;
}

/** Stores, and where what they stored can be read. */
const places: Readonly<Record<string, () => Promise<Place>>> = {
  'a MemoryTraceStore': async () => {
    const store = new MemoryTraceStore();
    return { store, stored: store };
  },
  'a journal': async () => {
    const store = await openJournalStore({ directory: await temporaryDirectory(), sync: 'none' });
    onTestFinished(() => store.close());
    return { store, stored: store };
  },
  'a store behind HTTP': async () => {
    const server = await startScriptedStore();
    onTestFinished(() => server.stop());
    return { store: new HttpTraceStore(server.url), stored: server.stored };
  },
};

/** Ten good events, the bad one, ten good events: one batch. */
async function storeAround(place: Place, bad: unknown): Promise<{ good: TraceEvent[]; bad: TraceEvent[] }> {
  const writer = new EventWriter(place.store, { process: false });
  const good = Array.from({ length: 20 }, (_, n) => event({ data: { n } }));
  for (const each of good.slice(0, 10)) writer.emit(each);
  writer.emit(bad as TraceEvent);
  for (const each of good.slice(10)) writer.emit(each);
  await writer.close();
  expect(checkAccount(writer.stats())).toMatchObject({ accepted: 21, buffered: 0, dropped: {} });
  const found = await place.stored.getTrace('T1');
  expect(
    found.flatMap(({ data }) => (typeof data?.n === 'number' ? [data.n] : [])).sort((a, b) => a - b),
  ).toEqual(good.map((_, n) => n));
  return { good, bad: found.filter(({ span_id }) => span_id === 'bad') };
}

describe.each(Object.entries(places))('%s', (_, open) => {
  it.each(Object.entries(badData))(
    'stores the batch around an event with %s, and the rest of that one',
    async (__, data) => {
      const { bad } = await storeAround(
        await open(),
        event({ span_id: 'bad', data: data() as TraceEventData }),
      );
      expect(bad).toMatchObject([{ event_type: 'job:progress', timestamp: '2026-01-31T12:00:00.000000Z' }]);
    },
  );

  it.each(Object.entries(noEvents))('stores the batch around %s', async (__, nothing) => {
    const { bad } = await storeAround(await open(), nothing);
    expect(bad).toEqual([]);
  });
});
