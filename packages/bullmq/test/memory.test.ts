import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { resolveTelemetry, type Telemetry } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import type { Job } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { bullmqTelemetry, observeWorker, wrapProcessor } from '../src/index.ts';
import { type JobWorld, openJobWorld } from './support/job-world.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const silent = resolveTelemetry(undefined).startSpan('silent');

/** Knows which of the spans it made are still held by somebody. */
function weakTelemetry(): { readonly telemetry: Partial<Telemetry>; held(): number } {
  const refs: WeakRef<object>[] = [];
  const startSpan = (): typeof silent => {
    const span = Object.create(silent);
    refs.push(new WeakRef(span));
    return span;
  };
  const held = (): number => {
    collectGarbage();
    return refs.filter((ref) => ref.deref() !== undefined).length;
  };
  return { telemetry: { startSpan }, held };
}

type Consume = (
  world: JobWorld,
  processor: (job: Job) => Promise<void>,
  telemetry: Partial<Telemetry>,
) => unknown;

const surfaces: Readonly<Record<string, Consume>> = {
  'a drop-in Worker': (world, processor, telemetry) => world.worker('mail', processor, telemetry),
  'all layers': (world, processor, telemetry) => {
    const host = { telemetry: bullmqTelemetry(telemetry) };
    return observeWorker(world.hostWorker('mail', wrapProcessor(processor, telemetry), host), telemetry);
  },
  'observeWorker alone': (world, processor, telemetry) =>
    observeWorker(world.hostWorker('mail', processor), telemetry),
  'wrapProcessor alone': (world, processor, telemetry) =>
    world.hostWorker('mail', wrapProcessor(processor, telemetry)),
};

describe.each(Object.entries(surfaces))('%s', (_name, consume) => {
  it('keeps nothing of jobs that are settled', async () => {
    const jobs = 200;
    const world = openJobWorld();
    const { telemetry, held } = weakTelemetry();
    let settled = 0;
    await world
      .hostQueue('mail')
      .addBulk(Array.from({ length: jobs }, (_, data) => ({ name: 'welcome', data })));

    consume(
      world,
      async (job) => {
        settled += 1;
        if (job.data % 2 === 1) throw new Error('busy');
      },
      telemetry,
    );

    await waitFor(() => settled === jobs && held() < 10, { what: 'settled jobs to be forgotten' });
    expect(held()).toBeLessThan(10);
  });
});
