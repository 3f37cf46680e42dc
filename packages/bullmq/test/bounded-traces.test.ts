import { AsyncLocalStorage } from 'node:async_hooks';
import { createEventTelemetry, recordEvent, type Telemetry, type TraceContext } from '@throughline/core';
import { collectTrace, EventWriter, MemoryTraceStore, type TraceSummary } from '@throughline/core/events';
import { createTraceGraph } from '@throughline/core/trace-graph';
import { waitFor } from '@throughline/testkit';
import { describe, expect, it } from 'vitest';
import { type BullmqTelemetryOptions, bullmqTelemetry } from '../src/index.ts';
import { openJobWorld } from './support/job-world.ts';

/** What one tick, or one link of a chain, may store: a send, a start, an end. */
const mostOfOne = 3;
/** What one trace may hold, and the two events that name its neighbours. */
const mostOfATrace = 10_000 + 2;

interface Stored {
  readonly telemetry: Telemetry;
  readonly store: MemoryTraceStore;
  traces(): Promise<readonly TraceSummary[]>;
}

function openStored(): Stored {
  const store = new MemoryTraceStore();
  const writer = new EventWriter(store, { process: false, maxEvents: 50_000 });
  const ambient = new AsyncLocalStorage<TraceContext | undefined>();
  const telemetry = createEventTelemetry({ writer, ambient });
  return {
    telemetry,
    store,
    async traces() {
      await telemetry.flush();
      return (await store.listTraces({ limit: 1_000 })).traces;
    },
  };
}

const sizesOf = (traces: readonly TraceSummary[]): number[] => traces.map(({ events }) => events);

/** A job that adds its successor, `length` times; without us it would go on for ever. */
async function runChain(
  telemetry: Telemetry,
  { length, notes = 0 }: { readonly length: number; readonly notes?: number },
  settings: BullmqTelemetryOptions = {},
): Promise<void> {
  const world = openJobWorld();
  const source = bullmqTelemetry(telemetry, { prefix: world.prefix, ...settings });
  const queue = world.queue('chain', source);
  let ran = 0;
  const worker = world.worker(
    'chain',
    async () => {
      ran += 1;
      for (let note = 0; note < notes; note += 1) recordEvent(telemetry, 'link:noted');
      if (ran < length) await queue.add('link', {});
    },
    source,
  );
  await queue.add('link', {});
  await waitFor(() => ran === length, { what: 'the chain', timeoutMs: 20_000 });
  await worker.close();
}

describe('a schedule', () => {
  it('is a trace per tick, linked to who set it up, however often it ticks', async () => {
    const { telemetry, store, traces } = openStored();
    const world = openJobWorld();
    const worker = world.worker('mail', async () => {}, telemetry);
    let ticks = 0;
    worker.on('completed', () => {
      ticks += 1;
    });

    await world.queue('mail', telemetry).upsertJobScheduler('often', { every: 20, limit: 10 });
    await waitFor(() => ticks === 10, { what: 'ten ticks' });
    await worker.close();

    const told = await traces();
    expect(told).toHaveLength(1 + 10);
    expect(Math.max(...sizesOf(told))).toBeLessThanOrEqual(mostOfOne);
    const [setUp] = [...told].reverse();
    const { traces: linked } = await store.listTraces({ linkedTo: setUp?.traceId ?? '', limit: 100 });
    expect(linked).toHaveLength(10);
  });
});

describe('a chain of jobs that each add the next one', () => {
  it('is one trace, whose parts are bounded, as long as nobody asks for something else', async () => {
    const { telemetry, store, traces } = openStored();
    const length = 150;

    await runChain(telemetry, { length, notes: 100 });

    const told = await traces();
    const sizes = sizesOf(told);
    expect(told).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(mostOfATrace);
    const { events } = await collectTrace(store, told[0]?.traceId ?? '');
    expect(createTraceGraph(events).findByType('job:completed')).toHaveLength(length);
  });

  it("is a trace for each of them, linked to the one before, with relation 'link'", async () => {
    const { telemetry, traces } = openStored();
    const length = 50;

    await runChain(telemetry, { length }, { relation: 'link' });

    const told = await traces();
    expect(told).toHaveLength(length + 1);
    expect(Math.max(...sizesOf(told))).toBeLessThanOrEqual(mostOfOne);
  });
});
