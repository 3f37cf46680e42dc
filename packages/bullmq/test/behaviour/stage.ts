import { AsyncLocalStorage } from 'node:async_hooks';
import { combineTelemetry, createEventTelemetry, type Telemetry, type TraceContext } from '@throughline/core';
import { EventWriter, MemoryTraceStore, type TraceEvent } from '@throughline/core/events';
import { createRecordingTelemetry, type RecordedSpan } from '@throughline/core/testing';
import { waitFor } from '@throughline/testkit';
import type * as host from 'bullmq';
import type { FlowProducer, Queue, Worker, WorkerOptions } from '../../src/index.ts';
import { endedSpans, type JobWorld, openJobWorld } from '../support/job-world.ts';
import { type Account, accountOf } from './account.ts';

type Processor = host.Processor | string | null;

/** Where a situation is played: the drop-in classes on a real Redis, and a keeper of all they tell. */
export interface Stage {
  readonly world: JobWorld;
  /** Spans and stored events in one. */
  readonly telemetry: Telemetry;
  queue(name?: string, opts?: Partial<host.QueueOptions>): Queue;
  worker(processor: Processor, opts?: Partial<WorkerOptions>, queue?: string): Worker;
  flows(): FlowProducer;
  /** Waits until as many spans of that name have ended. */
  ended(name: string, count?: number): Promise<unknown>;
  /** Adds what another process told. */
  told(spans: readonly RecordedSpan[], events: readonly TraceEvent[]): void;
  /** Waits for something else. */
  until(condition: () => unknown, what: string): Promise<unknown>;
  /** Closes the workers and says what was told. */
  account(): Promise<Account>;
}

export function openStage(): Stage {
  const world = openJobWorld();
  const recording = createRecordingTelemetry({
    ambient: new AsyncLocalStorage<TraceContext | undefined>(),
  });
  const store = new MemoryTraceStore();
  const writer = new EventWriter(store, { process: false });
  const telemetry = combineTelemetry(recording, createEventTelemetry({ writer }));
  const workers: Worker[] = [];
  const elsewhere = { spans: [] as RecordedSpan[], events: [] as TraceEvent[] };
  return {
    world,
    telemetry,
    queue: (name = 'mail', opts) => world.queue(name, telemetry, opts),
    worker(processor, opts, queue = 'mail') {
      const worker = world.worker(queue, processor, telemetry, opts);
      workers.push(worker);
      return worker;
    },
    flows: () => world.flows(telemetry),
    ended: (name, count) => endedSpans(recording, name, count),
    told(spans, events) {
      elsewhere.spans.push(...spans);
      elsewhere.events.push(...events);
    },
    until: (condition, what) => waitFor(condition, { what }),
    async account() {
      await Promise.all(workers.map((worker) => worker.close()));
      await telemetry.flush();
      return accountOf(
        [...recording.spans, ...elsewhere.spans],
        [...(await allEvents(store)), ...elsewhere.events],
      );
    },
  };
}

async function allEvents(store: MemoryTraceStore): Promise<TraceEvent[]> {
  const { traces } = await store.listTraces({ limit: 1_000 });
  const events = await Promise.all(traces.map(({ traceId }) => store.getTrace(traceId)));
  return events.flat();
}
