import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts';
import { EventWriter } from './event-writer.ts';
import type { EventWriterOptions } from './event-writer-options.ts';
import { MemoryTraceStore } from './memory-trace-store.ts';
import type { TraceEvent } from './trace-event.ts';
import type { AppendResult, TraceStore } from './trace-store.ts';

type Append = TraceStore['append'];

/** A memory store whose `append` does what `behave` says, and which remembers when it was asked. */
class ScriptedStore extends MemoryTraceStore {
  readonly batches: (readonly TraceEvent[])[] = [];
  readonly times: number[] = [];
  behave: (events: readonly TraceEvent[], store: Append) => Promise<AppendResult> = (events, store) =>
    store(events);

  override append(events: readonly TraceEvent[]): Promise<AppendResult> {
    this.batches.push(events);
    this.times.push(Date.now());
    return this.behave(events, (batch) => super.append(batch));
  }
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 31) });
});
afterEach(() => {
  vi.useRealTimers();
});

const down = async (): Promise<never> => {
  throw new StoreUnavailableError('down');
};
const hang = (): Promise<never> => new Promise(() => {});

/** A writer that says nothing of its own. */
function quiet(store: TraceStore, options: EventWriterOptions = {}): EventWriter {
  return new EventWriter(store, { process: false, ...options });
}

let made = 0;
function event(change: Partial<TraceEvent> = {}): TraceEvent {
  made++;
  return {
    trace_id: 'T1',
    span_id: `S${made}`,
    event_type: 'job:progress',
    timestamp: '2026-01-31T12:00:00Z',
    ...change,
  };
}

function emit(writer: EventWriter, count: number, change: Partial<TraceEvent> = {}): void {
  for (let i = 0; i < count; i++) writer.emit(event(change));
}

async function stored(store: TraceStore, traceId = 'T1'): Promise<string[]> {
  return (await store.getTrace(traceId)).map(({ event_type }) => event_type);
}

describe('EventWriter.emit', () => {
  it('hands nothing to the store in the call', () => {
    const store = new ScriptedStore();
    emit(quiet(store), 500);
    expect(store.batches).toEqual([]);
  });

  it('sends what waits after 50 ms, in one batch', async () => {
    const store = new ScriptedStore();
    emit(quiet(store), 3);
    await vi.advanceTimersByTimeAsync(49);
    expect(store.batches).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(store.batches.map((batch) => batch.length)).toEqual([3]);
  });

  it('sends a full batch without waiting for a timer', async () => {
    const store = new ScriptedStore();
    emit(quiet(store), 250);
    await Promise.resolve();
    await Promise.resolve();
    expect(store.batches[0]).toHaveLength(100);
  });

  it('gives each event an id of this writer, a source and a seq', async () => {
    const store = new ScriptedStore();
    const writer = quiet(store, { source: 'host:1' });
    emit(writer, 2);
    await vi.advanceTimersByTimeAsync(50);
    const [first, second] = await store.getTrace('T1');
    expect(first?.event_id).toMatch(/^[\da-f]{16}-1$/);
    expect(second?.event_id).toBe(first?.event_id?.replace(/1$/, '2'));
    expect(second).toMatchObject({ source: 'host:1', seq: 2 });
  });

  it('keeps the id, the source and the seq that an event has', async () => {
    const store = new ScriptedStore();
    const own = event({ event_id: 'E1', source: 'elsewhere', seq: 70 });
    quiet(store).emit(own);
    await vi.advanceTimersByTimeAsync(50);
    expect(await store.getTrace('T1')).toEqual([own]);
  });

  it('takes the source of the store when none is given', () => {
    const store = Object.assign(new MemoryTraceStore(), { source: 'host:42' });
    expect(quiet(store).source).toBe('host:42');
  });

  it('takes the event as it is at the call', async () => {
    const store = new ScriptedStore();
    const data = { state: 'at the call' };
    quiet(store).emit(event({ data }));
    data.state = 'later';
    await vi.advanceTimersByTimeAsync(50);
    expect((await store.getTrace('T1'))[0]?.data).toEqual({ state: 'at the call' });
  });

  it('leaves an event of a store untouched', async () => {
    const source = new MemoryTraceStore();
    await source.append([event({ event_id: 'E1' })]);
    const [read] = await source.getTrace('T1');
    const target = new ScriptedStore();
    if (read !== undefined) quiet(target).emit(read);
    await vi.advanceTimersByTimeAsync(50);
    expect(await target.getTrace('T1')).toMatchObject([{ event_id: 'E1', seq: 1 }]);
    expect(read).not.toHaveProperty('seq');
  });

  it('masks secrets before the buffer', async () => {
    const store = new ScriptedStore();
    quiet(store, { redact: { allow: ['tokenId'], mask: ['patient'] } }).emit(
      event({ data: { password: 'canary', patient: 'canary', tokenId: 'kept' } }),
    );
    await vi.advanceTimersByTimeAsync(50);
    expect((await store.getTrace('T1'))[0]?.data).toEqual({
      password: '[redacted]',
      patient: '[redacted]',
      tokenId: 'kept',
    });
  });

  it('counts fields that could not be read', () => {
    const writer = quiet(new ScriptedStore());
    const data = {
      get broken(): never {
        throw new Error('broken on purpose');
      },
    };
    writer.emit(event({ data }));
    expect(writer.droppedFields).toBe(1);
    expect(writer.stats()).toMatchObject({ accepted: 1, buffered: 1 });
  });

  it.each([undefined, null, 'x', {}, { trace_id: 'T1' }])('counts %j as rejected', (value) => {
    const writer = quiet(new ScriptedStore());
    writer.emit(value as unknown as TraceEvent);
    expect(writer.stats()).toMatchObject({ accepted: 1, rejected: 1, buffered: 0 });
  });

  it('counts as dropped what comes after close', async () => {
    const writer = quiet(new ScriptedStore());
    await writer.close();
    emit(writer, 2);
    expect(writer.stats()).toMatchObject({ accepted: 2, dropped: { closed: 2 } });
  });

  it('stores the resource with the first event of each trace', async () => {
    const store = new ScriptedStore();
    const writer = quiet(store, { resource: { 'service.name': 'shop', apiKey: 'canary' } });
    writer.emit(event());
    writer.emit(event());
    writer.emit(event({ trace_id: 'T2' }));
    await vi.advanceTimersByTimeAsync(50);
    const resource = { 'service.name': 'shop', apiKey: '[redacted]' };
    expect((await store.getTrace('T1')).map(({ data }) => data)).toEqual([{ resource }, undefined]);
    expect((await store.getTrace('T2')).map(({ data }) => data)).toEqual([{ resource }]);
  });
});

describe('an emitted event', () => {
  it('can be amended until it is handed to the store', async () => {
    const store = new ScriptedStore();
    const writer = quiet(store);
    const emitted = writer.emit(event({ data: { name: 'process' } }));
    const entity = { system: 'bullmq', id: '17' };
    expect(emitted.amend({ entity, token: 'canary' })).toBe(true);
    await vi.advanceTimersByTimeAsync(50);
    expect(emitted.amend({ late: true })).toBe(false);
    expect((await store.getTrace('T1'))[0]?.data).toEqual({ name: 'process', entity, token: '[redacted]' });
  });

  it('counts its new size', () => {
    const writer = quiet(new ScriptedStore(), { maxBytes: 1500 });
    const emitted = writer.emit(event());
    emitted.amend({ note: 'x'.repeat(1000) });
    emit(writer, 1, { event_type: 'job:completed', data: { note: 'x'.repeat(400) } });
    expect(writer.stats().dropped).toEqual({ buffer_full: 1 });
  });

  it('cannot be amended when it was not taken', () => {
    expect(
      quiet(new ScriptedStore())
        .emit({} as TraceEvent)
        .amend({ a: 1 }),
    ).toBe(false);
  });
});

describe('the asynchronous context of an EventWriter', () => {
  it('is the one it was made in, whoever emits or flushes', async () => {
    const context = new AsyncLocalStorage<string>();
    const store = new ScriptedStore();
    const seen: (string | undefined)[] = [];
    store.behave = (events, append) => {
      seen.push(context.getStore());
      return seen.length === 2 ? down() : append(events);
    };
    const writer = context.run('the program', () => quiet(store));

    context.run('a request', () => emit(writer, 1));
    await vi.advanceTimersByTimeAsync(50);
    context.run('a request of many events', () => emit(writer, 250));
    await vi.advanceTimersByTimeAsync(200);
    await context.run('a request that flushes', () => {
      emit(writer, 1);
      return writer.flush();
    });
    expect(seen.length).toBeGreaterThan(4);
    expect(new Set(seen)).toEqual(new Set(['the program']));
  });
});

describe('EventWriter when the store fails', () => {
  it('tries the same batch again, with growing pauses', async () => {
    const store = new ScriptedStore();
    store.behave = down;
    emit(quiet(store), 3);
    await vi.advanceTimersByTimeAsync(120_000);
    const pauses = store.times.slice(1).map((time, i) => time - (store.times[i] ?? 0));
    expect(pauses.length).toBeGreaterThan(8);
    for (const [i, pause] of pauses.entries()) {
      const longest = Math.min(30_000, 100 * 2 ** i);
      expect(pause).toBeGreaterThanOrEqual(longest / 2);
      expect(pause).toBeLessThanOrEqual(longest + 1);
    }
    expect(new Set(store.batches.map((batch) => batch.length))).toEqual(new Set([3]));
  });

  it('loses nothing of an outage, whatever the error says', async () => {
    const store = new ScriptedStore();
    let isUp = true;
    store.behave = async (events, append) => {
      if (!isUp) throw new Error('connect ECONNREFUSED');
      return append(events);
    };
    const writer = quiet(store);
    emit(writer, 10);
    await vi.advanceTimersByTimeAsync(50);
    isUp = false;
    emit(writer, 500);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(writer.stats()).toMatchObject({ stored: 10, rejected: 0, buffered: 500 });
    isUp = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(writer.stats()).toMatchObject({ stored: 510, rejected: 0, buffered: 0 });
  });

  it('loses nothing when the store is down from the start', async () => {
    const store = new ScriptedStore();
    store.behave = async () => {
      throw new Error('connect ECONNREFUSED');
    };
    const writer = quiet(store);
    emit(writer, 150);
    await vi.advanceTimersByTimeAsync(600_000);
    store.behave = (events, append) => append(events);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(writer.stats()).toMatchObject({ stored: 150, rejected: 0, buffered: 0 });
  });

  it('counts events once that were stored although the answer was lost', async () => {
    const store = new ScriptedStore();
    let tries = 0;
    store.behave = async (events, append) => {
      const result = await append(events);
      if (tries++ === 0) throw new StoreUnavailableError('connection lost after the commit');
      return result;
    };
    const writer = quiet(store);
    emit(writer, 3);
    await vi.advanceTimersByTimeAsync(1000);
    expect(writer.stats()).toMatchObject({ stored: 0, duplicates: 3, buffered: 0 });
    expect(await stored(store)).toHaveLength(3);
  });

  it('waits as long as the store asks', async () => {
    const store = new ScriptedStore();
    store.behave = async (events, append) => {
      if (store.times.length === 1) throw new StoreUnavailableError('429', { retryAfterMs: 5000 });
      return append(events);
    };
    const writer = quiet(store);
    emit(writer, 1);
    await vi.advanceTimersByTimeAsync(50);
    void writer.flush({ timeoutMs: 60_000 });
    await vi.advanceTimersByTimeAsync(4999);
    expect(store.times).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(store.times).toHaveLength(2);
  });

  it('counts an append that does not answer as failed, and tries again', async () => {
    const store = new ScriptedStore();
    store.behave = (events, append) => (store.times.length === 1 ? hang() : append(events));
    const writer = quiet(store, { appendTimeoutMs: 1000 });
    emit(writer, 1);
    await vi.advanceTimersByTimeAsync(1200);
    expect(writer.stats()).toMatchObject({ stored: 1, buffered: 0 });
  });

  it('opens the circuit after five failures and closes it with the first success', async () => {
    const store = new ScriptedStore();
    store.behave = down;
    const writer = quiet(store);
    emit(writer, 1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(writer.circuit).toBe('open');
    expect(writer.lastError).toMatchObject({ code: 'THROUGHLINE_STORE_UNAVAILABLE' });
    store.behave = (events, append) => append(events);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(writer.circuit).toBe('closed');
  });

  it('is not made to hammer an open circuit by flushes', async () => {
    const store = new ScriptedStore();
    store.behave = down;
    const writer = quiet(store);
    emit(writer, 1);
    await vi.advanceTimersByTimeAsync(10_000);
    const before = store.times.length;
    for (let i = 0; i < 50; i++) void writer.flush({ timeoutMs: 0 });
    await vi.advanceTimersByTimeAsync(10);
    expect(store.times.length - before).toBeLessThanOrEqual(1);
  });

  it.each([
    ['undefined', undefined],
    ['nonsense', { stored: 'all', duplicates: -3, rejected: 7 }],
    ['too much', { stored: 1e9, duplicates: 1e9, rejected: new Array(1000) }],
    ['a list that throws', { stored: 5, duplicates: 0, rejected: new Proxy([], { get: broken }) }],
  ])('keeps its account when the store answers %s', async (_, answer) => {
    const store = new ScriptedStore();
    store.behave = async () => answer as AppendResult;
    const writer = quiet(store);
    emit(writer, 5);
    await vi.advanceTimersByTimeAsync(50);
    const { accepted, stored: kept, duplicates, rejected, buffered } = writer.stats();
    expect(kept + duplicates + rejected).toBe(accepted);
    expect(buffered).toBe(0);
  });

  function broken(): never {
    throw new Error('broken on purpose');
  }
});

describe('EventWriter with a poison event', () => {
  const isPoison = ({ data }: TraceEvent): boolean => data?.poison === true;
  const refusing =
    (error: () => Error): ScriptedStore['behave'] =>
    async (events, append) => {
      if (events.some(isPoison)) throw error();
      return append(events);
    };

  it.each([
    ['an error that says nothing', () => new Error('cannot serialise')],
    ['an error that says it is final', () => Object.assign(new Error('400'), { retryable: false })],
  ])('rejects it alone after %s', async (_, error) => {
    const store = new ScriptedStore();
    store.behave = refusing(error);
    const writer = quiet(store);
    emit(writer, 37);
    emit(writer, 1, { data: { poison: true } });
    emit(writer, 62);
    await vi.advanceTimersByTimeAsync(5000);
    expect(writer.stats()).toMatchObject({ accepted: 100, stored: 99, rejected: 1, buffered: 0 });
  });

  it('finds several in one batch', async () => {
    const store = new ScriptedStore();
    store.behave = refusing(() => new Error('cannot serialise'));
    const writer = quiet(store);
    for (let i = 0; i < 100; i++) writer.emit(event({ data: { poison: i % 10 === 3 } }));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(writer.stats()).toMatchObject({ stored: 90, rejected: 10, buffered: 0 });
  });

  it('finds it when it comes first and nothing was ever stored', async () => {
    const store = new ScriptedStore();
    store.behave = refusing(() => new Error('cannot serialise'));
    const writer = quiet(store);
    emit(writer, 1, { data: { poison: true } });
    await vi.advanceTimersByTimeAsync(1000);
    emit(writer, 1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(writer.stats()).toMatchObject({ stored: 1, rejected: 1, buffered: 0 });
  });

  it('tells by flush that it was lost', async () => {
    const store = new ScriptedStore();
    store.behave = refusing(() => new Error('cannot serialise'));
    const writer = quiet(store);
    emit(writer, 9);
    emit(writer, 1, { data: { poison: true } });
    const flushed = writer.flush();
    await vi.advanceTimersByTimeAsync(5000);
    expect(await flushed).toMatchObject({ complete: false, reason: 'failed', stored: 9, rejected: 1 });
  });

  it('counts what the store itself rejects', async () => {
    const store = new ScriptedStore();
    store.behave = async (events, append) => {
      const rejected = events.filter(isPoison).map((poison) => ({ event: poison, reason: 'poison' }));
      const result = await append(events.filter((other) => !isPoison(other)));
      return { ...result, rejected };
    };
    const writer = quiet(store);
    emit(writer, 4);
    emit(writer, 1, { data: { poison: true } });
    await vi.advanceTimersByTimeAsync(50);
    expect(writer.stats()).toMatchObject({ stored: 4, rejected: 1, buffered: 0 });
  });
});

describe('EventWriter when there is no room', () => {
  it('keeps failures, then ends, then others, and gives up progress first', async () => {
    const store = new ScriptedStore();
    const writer = quiet(store, { maxEvents: 4 });
    const types = [
      'a:started',
      'b:progress',
      'c:failed',
      'd:completed',
      'e:progress',
      'f:started',
      'g:completed',
    ];
    for (const event_type of [...types, 'h:failed', 'i:progress']) writer.emit(event({ event_type }));
    await vi.advanceTimersByTimeAsync(50);
    expect(await stored(store)).toEqual(
      expect.arrayContaining(['c:failed', 'd:completed', 'g:completed', 'h:failed']),
    );
  });

  it('writes the gap into the trace that it tore', async () => {
    const store = new ScriptedStore();
    const writer = quiet(store, { maxEvents: 2 });
    for (let second = 0; second < 5; second++) {
      writer.emit(event({ span_id: `P${second}`, timestamp: `2026-01-31T12:00:0${second}Z` }));
    }
    await vi.advanceTimersByTimeAsync(200);
    const gap = (await store.getTrace('T1')).find(({ event_type }) => event_type === 'throughline:gap');
    expect(gap).toMatchObject({
      parent_span_id: 'P0',
      data: {
        dropped: 3,
        since: '2026-01-31T12:00:00Z',
        until: '2026-01-31T12:00:02Z',
        reason: 'buffer_full',
      },
    });
    expect(writer.stats()).toMatchObject({
      accepted: 6,
      stored: 3,
      dropped: { buffer_full: 3 },
      buffered: 0,
    });
  });

  it('keeps within the bytes it may use', () => {
    const writer = quiet(new ScriptedStore(), { maxBytes: 10_000 });
    emit(writer, 100, { data: { note: 'x'.repeat(1000) } });
    const { buffered } = writer.stats();
    expect(buffered).toBeGreaterThan(5);
    expect(buffered).toBeLessThan(10);
  });

  it('counts batches in flight', async () => {
    const store = new ScriptedStore();
    store.behave = hang;
    const writer = quiet(store, { maxEvents: 150 });
    emit(writer, 100);
    await vi.advanceTimersByTimeAsync(50);
    emit(writer, 100);
    expect(writer.stats()).toMatchObject({ buffered: 150, dropped: { buffer_full: 50 } });
  });

  it('remembers gaps of no more than 1,000 traces at a time', async () => {
    const store = new ScriptedStore();
    const writer = quiet(store, { maxEvents: 1 });
    for (let i = 0; i < 3000; i++) writer.emit(event({ trace_id: `T${i}` }));
    await vi.advanceTimersByTimeAsync(200_000);
    expect(writer.stats().accepted).toBeLessThanOrEqual(3000 + 1001);
    expect(writer.stats().buffered).toBe(0);
  });
});

describe('EventWriter.flush', () => {
  it('is complete when everything accepted before it is stored', async () => {
    const store = new ScriptedStore();
    const writer = quiet(store);
    emit(writer, 250);
    expect(await writer.flush()).toEqual({
      complete: true,
      accepted: 250,
      stored: 250,
      duplicates: 0,
      spooled: 0,
      dropped: {},
      rejected: 0,
      buffered: 0,
      replayed: 0,
    });
  });

  it('does not wait for what comes after the call', async () => {
    const store = new ScriptedStore();
    store.behave = (events, append) => (store.times.length === 1 ? append(events) : hang());
    const writer = quiet(store, { batchEvents: 2 });
    emit(writer, 2);
    const flushed = writer.flush();
    emit(writer, 2);
    expect(await flushed).toMatchObject({ complete: true, stored: 2, buffered: 2 });
  });

  it('returns at its deadline from a store that never answers', async () => {
    const store = new ScriptedStore();
    store.behave = hang;
    const writer = quiet(store);
    emit(writer, 3);
    const flushed = writer.flush({ timeoutMs: 200 });
    await vi.advanceTimersByTimeAsync(200);
    expect(await flushed).toMatchObject({ complete: false, reason: 'timeout', buffered: 3 });
  });

  it('returns after five seconds by default', async () => {
    const store = new ScriptedStore();
    store.behave = hang;
    const writer = quiet(store);
    emit(writer, 1);
    const settled = vi.fn();
    void writer.flush().then(settled);
    await vi.advanceTimersByTimeAsync(4999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toHaveBeenCalled();
  });

  it.each([
    [0, 0],
    [Number.NaN, 5000],
    [-1, 5000],
  ])('takes a timeout of %d as %d ms, as every telemetry does', async (timeoutMs, waitedMs) => {
    const store = new ScriptedStore();
    store.behave = hang;
    const writer = quiet(store);
    emit(writer, 1);
    const settled = vi.fn();
    void writer.flush({ timeoutMs }).then(settled);
    await vi.advanceTimersByTimeAsync(Math.max(0, waitedMs - 1));
    if (waitedMs > 0) expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toHaveBeenCalled();
  });

  it('tries again at once what waits after a failure', async () => {
    const store = new ScriptedStore();
    store.behave = (events, append) => (store.times.length <= 3 ? down() : append(events));
    const writer = quiet(store);
    emit(writer, 1);
    await vi.advanceTimersByTimeAsync(400);
    expect(store.times.length).toBeLessThanOrEqual(3);
    store.behave = (events, append) => append(events);
    expect(await writer.flush({ timeoutMs: 1 })).toMatchObject({ complete: true });
  });

  it('is not complete when an event was lost before it', async () => {
    const writer = quiet(new ScriptedStore());
    writer.emit({} as TraceEvent);
    expect(await writer.flush()).toMatchObject({ complete: false, reason: 'failed', rejected: 1 });
  });

  it('is complete at once when there is nothing to do', async () => {
    expect(await quiet(new ScriptedStore()).flush()).toMatchObject({ complete: true, accepted: 0 });
  });
});

describe('EventWriter.close', () => {
  it('stores what is buffered, and takes no more', async () => {
    const store = new ScriptedStore();
    const writer = quiet(store);
    emit(writer, 150);
    expect(await writer.close()).toMatchObject({ complete: true, stored: 150, buffered: 0 });
  });

  it('gives the same result when called again', async () => {
    const writer = quiet(new ScriptedStore());
    expect(writer.close()).toBe(writer.close());
  });

  it('returns at its deadline with the account', async () => {
    const store = new ScriptedStore();
    store.behave = down;
    const writer = quiet(store);
    emit(writer, 7);
    const closed = writer.close({ timeoutMs: 300 });
    await vi.advanceTimersByTimeAsync(300);
    expect(await closed).toMatchObject({ complete: false, reason: 'timeout', stored: 0, buffered: 7 });
  });

  it('leaves no timer behind', async () => {
    const store = new ScriptedStore();
    store.behave = down;
    const writer = quiet(store);
    emit(writer, 7);
    const closed = writer.close({ timeoutMs: 300 });
    await vi.advanceTimersByTimeAsync(300);
    await closed;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves the store open', async () => {
    const store = new ScriptedStore();
    await quiet(store).close();
    expect(await store.getTrace('T1')).toEqual([]);
  });

  it('waits for the gaps, too', async () => {
    const store = new ScriptedStore();
    const writer = quiet(store, { maxEvents: 2 });
    emit(writer, 5);
    expect(await writer.close()).toMatchObject({ stored: 3, dropped: { buffer_full: 3 }, buffered: 0 });
    expect(await stored(store)).toContain('throughline:gap');
  });
});

describe('the process trace of an EventWriter', () => {
  it('has the start and the end of the process, and what was told about it', async () => {
    const store = new ScriptedStore();
    const writer = new EventWriter(store, {
      process: () => ({ adapters: ['bullmq'] }),
      resource: { host: 'h' },
    });
    writer.emit(event());
    await writer.close();
    const { traces } = await store.listTraces({ tag: 'throughline:process' });
    const events = await store.getTrace(traces[0]?.traceId ?? '');
    expect(events).toMatchObject([
      { event_type: 'process:started', data: { adapters: ['bullmq'], resource: { host: 'h' } } },
      { event_type: 'process:completed', status: 'success', data: { account: { accepted: 2, stored: 0 } } },
    ]);
  });

  it('is open while the process runs, and when it died', async () => {
    const store = new ScriptedStore();
    new EventWriter(store);
    await vi.advanceTimersByTimeAsync(50);
    expect((await store.listTraces()).traces).toMatchObject([{ status: 'open', events: 1 }]);
  });

  it('is written although what should be told about it throws', async () => {
    const store = new ScriptedStore();
    const writer = new EventWriter(store, {
      process: () => {
        throw new Error('broken on purpose');
      },
    });
    expect(await writer.flush()).toMatchObject({ complete: true, stored: 1 });
    expect(writer.droppedFields).toBe(1);
  });
});

describe('a trace that grows without end', () => {
  it('goes on in a continuation trace, and each names the other', async () => {
    const store = new ScriptedStore();
    const writer = quiet(store, { maxTraceEvents: 10 });
    emit(writer, 25);
    await writer.close();
    const { traces } = await store.listTraces();
    expect(traces.map(({ events }) => events).toSorted((a, b) => a - b)).toEqual([6, 11, 12]);
    const first = await store.getTrace('T1');
    const [next] = (await store.listTraces({ linkedTo: 'T1' })).traces;
    expect(first.at(-1)).toMatchObject({
      event_type: 'throughline:continued',
      data: { links: [{ trace_id: next?.traceId }] },
    });
    expect((await store.getTrace(next?.traceId ?? ''))[0]).toMatchObject({
      event_type: 'throughline:continues',
      data: { links: [{ trace_id: 'T1', relation: 'continues' }] },
    });
  });

  it('is counted by a writer that remembers the latest 5,000 traces', async () => {
    const store = new ScriptedStore();
    const writer = quiet(store, { maxEvents: 100_000, resource: { host: 'h' } });
    writer.emit(event({ trace_id: 'kept' }));
    for (let i = 0; i < 4000; i++) emit(writer, 1, { trace_id: `T${i}` });
    writer.emit(event({ trace_id: 'kept' }));
    for (let i = 4000; i < 8000; i++) emit(writer, 1, { trace_id: `T${i}` });
    writer.emit(event({ trace_id: 'kept' }));
    await writer.close();
    const told = (await store.getTrace('kept')).filter(({ data }) => data?.resource !== undefined);
    expect(told).toHaveLength(1);
  });
});

describe('new EventWriter', () => {
  it.each([
    ['maxEvents', 0],
    ['maxBytes', -1],
    ['batchEvents', Number.NaN],
    ['flushIntervalMs', 'soon'],
    ['appendTimeoutMs', null],
    ['maxTraceEvents', '10'],
    ['clock', {}],
    ['redact', true],
    ['redact', { mask: 'iban' }],
    ['resource', 'shop'],
    ['process', 'shop'],
    ['source', 7],
    ['spool', {}],
  ])('refuses %s: %s', (name, value) => {
    expect(() => quiet(new ScriptedStore(), { [name]: value } as unknown as EventWriterOptions)).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: `EventWriter.${name}` }),
    );
  });

  it('refuses what is no store', () => {
    expect(() => new EventWriter({} as TraceStore)).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: 'EventWriter.store' }),
    );
  });
});
