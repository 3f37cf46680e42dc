import type { StoreCapabilities, TraceEvent, TraceStore } from '@throughline/core/events';
import type { CaseWorld } from '../suite/run-suite.ts';
import type { SeededRandom } from '../suite/seeded-random.ts';
import type { Awaitable } from '../suite/test-function.ts';
import type { TraceStoreHarness } from './trace-store-harness.ts';

/** What a case of the store suite works with: an empty place, and stores over it. */
export interface TraceStoreWorld {
  /** A store over the place, just opened. */
  readonly store: TraceStore;
  readonly random: SeededRandom;
  /** What the harness says the store cannot do. */
  readonly excluded: StoreCapabilities;
  readonly largeTraceEvents: number;
  readonly tailLimit: number;
  /** Opens another store over the same place. */
  open(): Promise<TraceStore>;
  /** Makes the place unreachable; returns what mends it. */
  interrupt(): Promise<() => Promise<void>>;
  /** Stores events in parts of up to `largest`. */
  append(events: readonly TraceEvent[], largest?: number): Promise<void>;
}

export async function openTraceStoreWorld<Place>(
  harness: TraceStoreHarness<Place>,
  random: SeededRandom,
): Promise<TraceStoreWorld & CaseWorld> {
  const place = (await harness.createPlace?.()) as Place;
  const opened: TraceStore[] = [];
  const mendings: (() => Awaitable<unknown>)[] = [];

  async function open(): Promise<TraceStore> {
    const store = await harness.open(place);
    opened.push(store);
    return store;
  }

  async function close(): Promise<void> {
    for (const mend of mendings.splice(0)) await quietly(mend);
    // A store that cannot be closed fails the cases about closing; here it must not hide why a case failed.
    for (const each of opened) await quietly(() => each.close());
    await quietly(() => harness.removePlace?.(place));
  }

  const store = await open().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    store,
    random,
    excluded: harness.capabilities ?? {},
    largeTraceEvents: harness.largeTraceEvents ?? 10_000,
    tailLimit: harness.tailLimit ?? Number.POSITIVE_INFINITY,
    open,
    async interrupt() {
      const mend = await harness.interrupt?.(place);
      if (mend === undefined) return async () => {};
      mendings.push(mend);
      return async () => {
        mendings.pop();
        await mend();
      };
    },
    async append(events, largest = 500) {
      for (let at = 0; at < events.length; at += largest) await store.append(events.slice(at, at + largest));
    },
    close,
  };
}

async function quietly(work: () => Awaitable<unknown>): Promise<void> {
  try {
    await work();
  } catch {}
}
