import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { resolveTelemetry, type Telemetry } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import type { FlowJob, Job } from 'bullmq';
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

/** Knows which of the attribute sets it was given, one per queue, are still held by somebody. */
function weakMeasurements(): { readonly telemetry: Partial<Telemetry>; given(): number; held(): number } {
  const refs: WeakRef<object>[] = [];
  const emitEvent: Telemetry['emitEvent'] = (_kind, event) => {
    const { attributes } = event as { readonly attributes?: object };
    if (attributes) refs.push(new WeakRef(attributes));
  };
  const held = (): number => {
    collectGarbage();
    return refs.filter((ref) => ref.deref() !== undefined).length;
  };
  return { telemetry: { emitEvent }, given: () => refs.length, held };
}

type SendFlows = (world: JobWorld, flows: FlowJob[], telemetry: Partial<Telemetry>) => Promise<unknown>;

const producers: Readonly<Record<string, SendFlows>> = {
  'a drop-in FlowProducer': (world, flows, telemetry) => world.flows(telemetry).addBulk(flows),
  "BullMQ's FlowProducer": (world, flows, telemetry) =>
    world.hostFlows({ telemetry: bullmqTelemetry(telemetry) }).addBulk(flows),
};

describe.each(Object.entries(producers))('%s', (_name, send) => {
  it('remembers a thousand queues, however many it has sent jobs to', async () => {
    const { telemetry, given, held } = weakMeasurements();
    const flows = Array.from({ length: 1_500 }, (_, customer) => ({
      name: 'welcome',
      queueName: `customer-${customer}`,
      opts: {},
    }));

    await send(openJobWorld(), flows, telemetry);

    await waitFor(() => given() === 1_500, { what: 'the measurements' });
    await waitFor(() => held() <= 1_000, { what: 'the oldest queues to be forgotten' });
    expect(held()).toBe(1_000);
  });
});

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
