import { describe, expect, it, test } from 'vitest';
import {
  appendSaboteurs,
  appendSyncSaboteurs,
  closeSaboteurs,
  getTraceSaboteurs,
  listTracesSaboteurs,
  type StoreSaboteur,
  tailless,
  tailSaboteurs,
} from '../../test/saboteurs/store-saboteurs.ts';
import { collectTests } from '../../test/sound/run-collected.ts';
import { MemoryPlace, SharedMemoryStore } from '../../test/sound/shared-memory-store.ts';
import type { TestFunction } from '../suite/test-function.ts';
import { testTraceStore, traceStoreCases } from './test-trace-store.ts';
import type { TraceStoreHarness } from './trace-store-harness.ts';

const maxEvents = 1_500;

function harnessOf(
  test: TestFunction,
  Store: StoreSaboteur['Store'],
  more: Partial<TraceStoreHarness<MemoryPlace>> = {},
): TraceStoreHarness<MemoryPlace> {
  return {
    test,
    createPlace: () => new MemoryPlace(maxEvents),
    open: (place) => new Store(place),
    interrupt(place) {
      place.isDown = true;
      return () => {
        place.isDown = false;
      };
    },
    appendSync: true,
    tailLimit: maxEvents,
    largeTraceEvents: 1_000,
    seed: 1,
    deadlineMs: 2_000,
    ...more,
  };
}

describe('a sound store over a shared place', () => {
  testTraceStore(harnessOf(test, SharedMemoryStore, { seed: undefined }));
});

const saboteurs = [
  ...appendSaboteurs,
  ...getTraceSaboteurs,
  ...listTracesSaboteurs,
  ...tailSaboteurs,
  ...closeSaboteurs,
  ...appendSyncSaboteurs,
];

describe('a store that', () => {
  it.each(saboteurs)(
    '$wrong fails case $fails, and no other',
    { timeout: 60_000 },
    async ({ fails, Store }) => {
      const suite = collectTests((collect) => testTraceStore(harnessOf(collect, Store)));
      expect(await suite.failing()).toEqual([fails]);
    },
  );

  it(`${tailless.wrong} fails case ${tailless.fails}, and no other`, { timeout: 60_000 }, async () => {
    const capabilities = { tail: false } as const;
    const suite = collectTests((collect) =>
      testTraceStore(harnessOf(collect, tailless.Store, { capabilities })),
    );
    expect(await suite.failing()).toEqual([tailless.fails]);
  });
});

describe('the cases of the suite', () => {
  it('have a saboteur each', () => {
    const found = new Set([...saboteurs, tailless].map(({ fails }) => fails));
    expect(traceStoreCases.map(({ id }) => id).filter((id) => !found.has(id))).toEqual([]);
  });
});
