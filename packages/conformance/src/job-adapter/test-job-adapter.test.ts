import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, test } from 'vitest';
import { jobAdapterSaboteurs } from '../../test/saboteurs/job-adapter-saboteurs.ts';
import { MemoryQueueAdapter } from '../../test/sound/memory-queue-adapter.ts';
import { collectTests } from '../../test/sound/run-collected.ts';
import type { TestFunction } from '../suite/test-function.ts';
import type { JobAdapterHarness } from './job-adapter-harness.ts';
import { jobAdapterCases, testJobAdapter } from './test-job-adapter.ts';

function harnessOf(test: TestFunction, Adapter: typeof MemoryQueueAdapter): JobAdapterHarness {
  return {
    test,
    open: (telemetry) => new Adapter(telemetry),
    ambient: () => new AsyncLocalStorage(),
    seed: 1,
  };
}

describe('a sound adapter for a queue in memory', () => {
  testJobAdapter(harnessOf(test, MemoryQueueAdapter));
});

describe('a job adapter that', () => {
  it.each(jobAdapterSaboteurs)(
    '$wrong fails case $fails, and no other',
    { timeout: 20_000 },
    async ({ fails, Adapter }) => {
      const suite = collectTests((collect) => testJobAdapter(harnessOf(collect, Adapter)));
      expect(await suite.failing()).toEqual([fails]);
    },
  );
});

describe('the cases of the suite', () => {
  it('have a saboteur each', () => {
    const found = new Set(jobAdapterSaboteurs.map(({ fails }) => fails));
    expect(jobAdapterCases.map(({ id }) => id).filter((id) => !found.has(id))).toEqual([]);
  });
});
