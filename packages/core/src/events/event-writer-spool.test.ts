import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts';
import type { EventSpool } from './event-spool.ts';
import { EventWriter } from './event-writer.ts';
import type { EventWriterOptions } from './event-writer-options.ts';
import { MemorySpool } from './memory-spool.ts';
import { MemoryTraceStore } from './memory-trace-store.ts';
import type { TraceEvent } from './trace-event.ts';
import type { AppendResult } from './trace-store.ts';

/** A memory store that can be down. */
class Store extends MemoryTraceStore {
  behave: (append: () => Promise<AppendResult>, events: readonly TraceEvent[]) => Promise<AppendResult> = (
    append,
  ) => append();
  readonly batches: { readonly at: number; readonly events: readonly TraceEvent[] }[] = [];

  constructor() {
    super({ maxEvents: 1_000_000 });
  }

  override append(events: readonly TraceEvent[]): Promise<AppendResult> {
    this.batches.push({ at: Date.now(), events });
    return this.behave(() => super.append(events), events);
  }

  goDown(): void {
    this.behave = async () => {
      throw new StoreUnavailableError('down');
    };
  }

  hang(): void {
    this.behave = () => new Promise(() => {});
  }

  recover(): void {
    this.behave = (append) => append();
  }
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 31) });
});
afterEach(() => {
  vi.useRealTimers();
});

let store: Store;
let spool: MemorySpool;
beforeEach(() => {
  store = new Store();
  spool = new MemorySpool();
});

/** A writer that says nothing of its own. */
function quiet(options: EventWriterOptions = {}): EventWriter {
  return new EventWriter(store, { process: false, spool, ...options });
}

function event(n: number, change: Partial<TraceEvent> = {}): TraceEvent {
  return {
    trace_id: 'T1',
    span_id: `S${n}`,
    event_type: 'job:progress',
    timestamp: '2026-01-31T12:00:00Z',
    ...change,
  };
}

function emit(writer: EventWriter, count: number, change: Partial<TraceEvent> = {}): void {
  for (let n = 0; n < count; n++) writer.emit(event(n, change));
}

const seconds = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(count * 1000);

describe('EventWriter with a spool, while the store is down', () => {
  it('loses nothing of two minutes at 1,000 events a second', async () => {
    store.goDown();
    const writer = quiet({ maxTraceEvents: 1_000_000 });
    for (let second = 0; second < 120; second++) {
      emit(writer, 1000);
      await seconds(1);
      expect(writer.stats().buffered).toBeLessThanOrEqual(10_000);
    }
    store.recover();
    await seconds(60);
    expect(writer.stats()).toMatchObject({
      accepted: 120_000,
      stored: 120_000,
      spooled: 0,
      dropped: {},
      buffered: 0,
      replayed: 0,
    });
    expect(spool.disk.size).toBe(0);
  });

  it('spools the oldest first, in large batches, and no more than has to leave', async () => {
    store.goDown();
    const writer = quiet();
    emit(writer, 7000);
    await vi.advanceTimersByTimeAsync(60);
    expect(spool.sizes).toEqual([1000, 1000]);
    expect(writer.stats()).toMatchObject({ spooled: 2000, buffered: 5000, dropped: {} });
    expect(spool.events.map(({ seq }) => seq)).toEqual(Array.from({ length: 2000 }, (_, i) => i + 101));
  });

  it('spools what is large although it is few', async () => {
    store.goDown();
    const writer = quiet({ maxBytes: 100_000 });
    emit(writer, 60, { data: { note: 'x'.repeat(1000) } });
    await vi.advanceTimersByTimeAsync(60);
    expect(writer.stats().spooled).toBeGreaterThan(0);
  });

  it('leaves a burst to a store that works', async () => {
    const writer = quiet();
    emit(writer, 9000);
    await seconds(1);
    expect(spool.sizes).toEqual([]);
    expect(writer.stats()).toMatchObject({ stored: 9000 });
  });

  it('keeps within its memory while the spool is slow, and drops by policy what comes in the meantime', async () => {
    store.goDown();
    spool.behave = async (keep) => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      keep();
    };
    const writer = quiet({ maxEvents: 100 });
    for (let n = 0; n < 50; n++) {
      emit(writer, 10);
      await vi.advanceTimersByTimeAsync(50);
      expect(writer.stats().buffered).toBeLessThanOrEqual(100);
    }
    const { accepted, spooled, dropped, buffered } = writer.stats();
    expect(spooled + (dropped.buffer_full ?? 0) + buffered).toBe(accepted);
    expect(spooled).toBeGreaterThan(0);
  });

  it('calls the spool in the asynchronous context in which it was made', async () => {
    const context = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    spool.behave = async (keep) => {
      seen.push(context.getStore());
      keep();
    };
    store.goDown();
    const writer = context.run('the program', () => quiet());
    context.run('a request', () => emit(writer, 6000));
    await seconds(1);
    expect(seen).toEqual(['the program']);
  });
});

describe('EventWriter with a spool that fails', () => {
  const failing = async (): Promise<never> => {
    throw new Error('disk broken');
  };

  it.each([
    ['has no room', 'spool_full', async (keep: () => void) => keep()],
    ['is broken', 'spool_failed', failing],
  ])('drops by policy and says why when it %s', async (_, reason, behave) => {
    store.goDown();
    spool.capacity = 0;
    spool.behave = behave;
    const writer = quiet({ maxEvents: 100 });
    emit(writer, 60);
    await vi.advanceTimersByTimeAsync(60);
    emit(writer, 60, { event_type: 'job:failed' });
    expect(writer.stats()).toMatchObject({ dropped: { [reason]: 20 }, spooled: 0, buffered: 100 });
    expect(writer.lastSpoolError).toBeInstanceOf(Error);
    store.recover();
    await seconds(60);
    const events = await store.getTrace('T1');
    expect(events.filter(({ event_type }) => event_type === 'job:failed')).toHaveLength(60);
    expect(events.find(({ event_type }) => event_type === 'throughline:gap')?.data).toMatchObject({
      dropped: 20,
      reason,
    });
  });

  it('tries again once a second at most', async () => {
    store.goDown();
    spool.behave = failing;
    const writer = quiet({ maxEvents: 100 });
    emit(writer, 60);
    await seconds(10);
    expect(spool.sizes.length).toBeGreaterThan(8);
    expect(spool.sizes.length).toBeLessThanOrEqual(11);
    spool.behave = async (keep) => keep();
    await seconds(2);
    expect(writer.stats()).toMatchObject({ spooled: 60, dropped: {} });
  });

  it('takes back what the spool does not answer to, so that the store gets it', async () => {
    store.goDown();
    spool.behave = () => new Promise(() => {});
    const writer = quiet({ maxEvents: 100, appendTimeoutMs: 500 });
    emit(writer, 60);
    await vi.advanceTimersByTimeAsync(100);
    store.recover();
    await seconds(60);
    expect(writer.stats()).toMatchObject({ stored: 60, buffered: 0 });
  });

  it('stores everything when the spool throws instead of rejecting, and when it gives nonsense', async () => {
    const nonsense: EventSpool = {
      append() {
        throw new Error('thrown, not rejected');
      },
      appendSync() {},
      pending: () => 7 as unknown as AsyncIterable<never>,
    };
    const writer = quiet({ spool: nonsense });
    emit(writer, 10);
    await seconds(120);
    expect(await writer.close()).toMatchObject({ complete: true, stored: 10 });
    expect(writer.lastSpoolError).toBeInstanceOf(TypeError);
  });
});

describe('EventWriter.flush with a spool', () => {
  it.each([
    ['is down', () => store.goDown()],
    ['never answers', () => store.hang()],
  ])('is complete in time when the store %s: what is not stored is spooled', async (_, fail) => {
    fail();
    const writer = quiet();
    emit(writer, 250);
    await vi.advanceTimersByTimeAsync(60);
    const flushed = writer.flush({ timeoutMs: 400 });
    await vi.advanceTimersByTimeAsync(200);
    expect(await flushed).toMatchObject({ complete: true, stored: 0, spooled: 250, buffered: 0 });
    expect(spool.events).toHaveLength(250);
  });

  it('leaves the store all but the last second', async () => {
    store.behave = async (append) => {
      await new Promise((resolve) => setTimeout(resolve, 3500));
      return append();
    };
    const writer = quiet();
    emit(writer, 50);
    const flushed = writer.flush({ timeoutMs: 5000 });
    await seconds(4);
    expect(await flushed).toMatchObject({ complete: true, stored: 50, spooled: 0 });
  });

  it('does not wait past its deadline when the spool hangs, too', async () => {
    store.hang();
    spool.behave = () => new Promise(() => {});
    const writer = quiet();
    emit(writer, 250);
    const flushed = writer.flush({ timeoutMs: 400 });
    await vi.advanceTimersByTimeAsync(400);
    expect(await flushed).toMatchObject({ complete: false, reason: 'timeout', spooled: 0, buffered: 250 });
  });

  it('counts once what was spooled while the store was about to take it', async () => {
    store.behave = async (append) => {
      await new Promise((resolve) => setTimeout(resolve, 600));
      return append();
    };
    const writer = quiet();
    emit(writer, 5);
    const flushed = writer.flush({ timeoutMs: 400 });
    await vi.advanceTimersByTimeAsync(400);
    expect(await flushed).toMatchObject({ complete: true, spooled: 5 });
    await seconds(10);
    expect(writer.stats()).toMatchObject({ stored: 0, duplicates: 5, spooled: 0, buffered: 0 });
    expect(await store.getTrace('T1')).toHaveLength(5);
  });
});

describe('EventWriter.close with a spool', () => {
  it('leaves nothing in memory, the end of the process included', async () => {
    store.goDown();
    const writer = new EventWriter(store, { spool });
    emit(writer, 10);
    const closed = writer.close({ timeoutMs: 300 });
    await vi.advanceTimersByTimeAsync(300);
    expect(await closed).toMatchObject({ complete: true, spooled: 12, buffered: 0 });
    expect(spool.events.map(({ event_type }) => event_type)).toContain('process:completed');
  });

  it('keeps its deadline when spool and store hang, and leaves no timer behind', async () => {
    store.hang();
    spool.behave = () => new Promise(() => {});
    const writer = quiet();
    emit(writer, 10);
    const closed = writer.close({ timeoutMs: 300 });
    await vi.advanceTimersByTimeAsync(300);
    expect(await closed).toMatchObject({ complete: false, reason: 'timeout', buffered: 10 });
    await seconds(10);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('closes what is being read of the spool', async () => {
    const ended = vi.fn();
    const endless: EventSpool = {
      append: async () => {},
      appendSync() {},
      async *pending() {
        try {
          for (let n = 0; ; n++) yield { events: [event(n)], done: async () => {} };
        } finally {
          ended();
        }
      },
    };
    const writer = quiet({ spool: endless });
    await seconds(1);
    await writer.close();
    await seconds(1);
    expect(ended).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('EventWriter.spoolSync', () => {
  it('spools what is buffered and what is in flight before it returns', async () => {
    store.hang();
    const writer = quiet();
    emit(writer, 150);
    await vi.advanceTimersByTimeAsync(60);
    emit(writer, 50);
    expect(writer.spoolSync()).toMatchObject({ spooled: 200, buffered: 0 });
    expect(spool.events.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });

  it('spools what is on its way to the spool, once in the account', async () => {
    store.goDown();
    let finish = (): void => {};
    spool.behave = (keep) =>
      new Promise((resolve) => {
        finish = () => {
          keep();
          resolve();
        };
      });
    const writer = quiet({ maxEvents: 100 });
    emit(writer, 60);
    await vi.advanceTimersByTimeAsync(60);
    expect(writer.spoolSync()).toMatchObject({ spooled: 60, buffered: 0 });
    finish();
    await vi.advanceTimersByTimeAsync(1);
    expect(writer.stats()).toMatchObject({ accepted: 60, spooled: 60, buffered: 0 });
  });

  it('keeps in memory what the spool does not take', () => {
    spool.appendSync = () => {
      throw new Error('disk broken');
    };
    const writer = quiet();
    emit(writer, 50);
    expect(writer.spoolSync()).toMatchObject({ spooled: 0, buffered: 50 });
    expect(writer.lastSpoolError).toMatchObject({ message: 'disk broken' });
  });

  it('writes the gaps, too', () => {
    const writer = quiet({ maxEvents: 10 });
    emit(writer, 15);
    expect(writer.spoolSync()).toMatchObject({ accepted: 16, spooled: 11, dropped: { buffer_full: 5 } });
    expect(spool.events.map(({ event_type }) => event_type)).toContain('throughline:gap');
  });

  it('ends the wait of a flush', async () => {
    store.hang();
    const writer = quiet();
    emit(writer, 5);
    const flushed = writer.flush();
    writer.spoolSync();
    expect(await flushed).toMatchObject({ complete: true, spooled: 5 });
  });

  it('lets the writer go on', async () => {
    const writer = quiet();
    emit(writer, 5);
    writer.spoolSync();
    emit(writer, 5);
    await seconds(10);
    expect(writer.stats()).toMatchObject({ accepted: 10, stored: 10, spooled: 0, buffered: 0 });
  });

  it('gives everything to the store when there is no spool and the store can', () => {
    const kept: TraceEvent[] = [];
    const appendSync = (events: readonly TraceEvent[]): AppendResult => {
      kept.push(...events);
      return { stored: events.length - 1, duplicates: 1, rejected: [] };
    };
    const writer = quiet({ spool: undefined });
    emit(writer, 3);
    expect(writer.spoolSync()).toMatchObject({ buffered: 3 });
    Object.assign(store, { appendSync });
    expect(writer.spoolSync()).toMatchObject({ stored: 2, duplicates: 1, buffered: 0 });
    expect(kept).toHaveLength(3);
  });
});

describe('what waits in a spool', () => {
  async function leaveBehind(count: number): Promise<void> {
    store.goDown();
    const before = quiet();
    emit(before, count);
    before.spoolSync();
    await before.close({ timeoutMs: 0 });
    store.recover();
  }

  it('is brought to the store at the next start, outside of the account', async () => {
    await leaveBehind(250);
    const writer = quiet();
    emit(writer, 10);
    await seconds(10);
    expect(writer.stats()).toMatchObject({ accepted: 10, stored: 10, spooled: 0, replayed: 250 });
    expect(await store.getTrace('T1')).toHaveLength(260);
    expect(spool.disk.size).toBe(0);
  });

  it('is stored once although the process dies before it has said so', async () => {
    await leaveBehind(250);
    const disk = new Set(spool.disk);
    const first = quiet();
    await seconds(10);
    await first.close();
    spool = new MemorySpool(disk);
    const second = quiet();
    await seconds(10);
    expect(await store.getTrace('T1')).toHaveLength(250);
    expect(second.stats()).toMatchObject({ accepted: 0, replayed: 250 });
  });

  it('moves in the account from spooled to stored, events with ids of their own, too', async () => {
    store.goDown();
    const writer = quiet();
    emit(writer, 3);
    writer.emit(event(3, { event_id: 'given' }));
    writer.emit(event(4, { event_id: 'from elsewhere', source: 'elsewhere' }));
    writer.emit(event(5, { event_id: 'from elsewhere', source: 'elsewhere' }));
    expect(writer.spoolSync()).toMatchObject({ spooled: 6 });
    store.recover();
    await seconds(10);
    expect(writer.stats()).toMatchObject({ stored: 5, duplicates: 1, spooled: 0, replayed: 0 });
  });

  it('is forgotten only when the store has taken it', async () => {
    await leaveBehind(50);
    store.goDown();
    quiet();
    await seconds(600);
    expect(spool.events).toHaveLength(50);
    store.recover();
    await seconds(60);
    expect(spool.events).toHaveLength(0);
  });

  it('loses one poison event alone', async () => {
    await leaveBehind(50);
    store.behave = async (append, events) => {
      if (events.some(({ span_id }) => span_id === 'S17')) throw new Error('cannot serialise');
      return append();
    };
    const writer = quiet();
    emit(writer, 10);
    await seconds(120);
    expect(await store.getTrace('T1')).toHaveLength(59);
    expect(spool.events).toHaveLength(0);
    expect(writer.stats()).toMatchObject({ accepted: 10, stored: 10, rejected: 0, replayed: 50 });
  });

  it('does not stand in the way of fresh events', async () => {
    await leaveBehind(5000);
    store.behave = async (append) => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return append();
    };
    const writer = quiet();
    for (let second = 0; second < 5; second++) {
      emit(writer, 10, { trace_id: 'fresh' });
      await vi.advanceTimersByTimeAsync(250);
      expect(await store.getTrace('fresh')).toHaveLength(10 * (second + 1));
    }
  });

  it('takes at most half of the time of the store', async () => {
    await leaveBehind(1000);
    store.behave = async (append) => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return append();
    };
    store.batches.length = 0;
    quiet();
    await seconds(3);
    for (const [i, { at }] of store.batches.slice(1).entries()) {
      expect(at - (store.batches[i]?.at ?? 0)).toBeGreaterThanOrEqual(400);
    }
    expect(store.batches.length).toBeGreaterThan(5);
  });

  it('is brought to the store although the clock was set forward by a day in the meantime', async () => {
    await leaveBehind(300);
    store.behave = (append) => {
      vi.setSystemTime(Date.now() + 24 * 60 * 60 * 1000);
      return append();
    };
    quiet();
    await seconds(60);
    expect(spool.events).toEqual([]);
  });

  it('waits while fresh events wait for a store that fails', async () => {
    const writer = quiet();
    await seconds(1);
    await leaveBehind(500);
    store.goDown();
    emit(writer, 1, { trace_id: 'fresh' });
    await seconds(1);
    store.batches.length = 0;
    await seconds(60);
    const replays = store.batches.filter(({ events }) => events[0]?.trace_id !== 'fresh');
    expect(replays).toEqual([]);
  });
});
