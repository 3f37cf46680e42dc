import { AsyncLocalStorage } from 'node:async_hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import * as traced from '@throughline/bullmq';
import { sandboxProcessor } from '@throughline/bullmq/sandbox';
import {
  combineTelemetry,
  createEventTelemetry,
  recordEvent,
  type Telemetry,
  traced as wrap,
} from '@throughline/core';
import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
import { createOtelTelemetry } from '@throughline/otel';
import { type Job, Queue, Worker } from 'bullmq';
import { inject } from 'vitest';
import { openQueuePlace, type QueuePlace } from './queue-place.ts';

/** What an application wants done; it returns, throws, resolves or rejects. */
type Work = () => unknown;

/** An application that has its work done through an adapter. */
export interface Host {
  /** Has `work` done, and gives what came of it: the very result, or the very error. */
  run(work: Work): Promise<unknown>;
  /** Errors that the host told beside the results. */
  errors(): readonly Error[];
  close(): Promise<void>;
}

/** A way from work to telemetry. */
export interface Adapter {
  readonly name: string;
  open(telemetry: Telemetry): Host;
}

/** Every adapter there is. A new one joins by one line. */
export const adapters: readonly Adapter[] = [
  { name: 'traced', open: (telemetry) => called((work) => wrap(telemetry, 'work', work)) },
  { name: 'recordEvent', open: (telemetry) => called((work) => recorded(telemetry, work)) },
  { name: 'combineTelemetry, before events', open: (telemetry) => combined(telemetry, eventTelemetry()) },
  { name: 'combineTelemetry, after events', open: (telemetry) => combined(eventTelemetry(), telemetry) },
  {
    name: 'combineTelemetry, after OpenTelemetry',
    open: (telemetry) => combined(otelTelemetry(), telemetry),
  },
  { name: 'the Queue and Worker of @throughline/bullmq', open: (telemetry) => queued(dropIns(telemetry)) },
  { name: 'bullmqTelemetry', open: (telemetry) => queued(option(telemetry)) },
  { name: 'observeWorker', open: (telemetry) => queued(observed(telemetry)) },
  { name: 'wrapProcessor', open: (telemetry) => queued(wrapped(telemetry)) },
  { name: 'observeQueue', open: (telemetry) => queued(polled(telemetry)) },
  { name: 'runFetchedJob', open: fetched },
  { name: 'sandboxProcessor', open: (telemetry) => called((work) => sandboxed(telemetry, work)) },
];

function called(run: (work: Work) => unknown): Host {
  return { run: async (work) => run(work), errors: () => [], close: async () => {} };
}

function recorded(telemetry: Telemetry, work: Work): unknown {
  recordEvent(telemetry, 'work:decided', { data: { by: 'the host' } });
  return work();
}

function combined(...[primary, ...followers]: readonly [Telemetry, ...Telemetry[]]): Host {
  const both = combineTelemetry(primary, ...followers);
  return called((work) => wrap(both, 'work', work));
}

function eventTelemetry(): Telemetry {
  const writer = new EventWriter(new MemoryTraceStore());
  return createEventTelemetry({ writer, ambient: new AsyncLocalStorage() });
}

function otelTelemetry(): Telemetry {
  const spanProcessors = [new SimpleSpanProcessor(new InMemorySpanExporter())];
  return createOtelTelemetry({
    tracerProvider: new BasicTracerProvider({ spanProcessors }),
    propagator: 'w3c',
  });
}

type Processor = (job: Job) => Promise<unknown>;
type Options = QueuePlace['options'];

/** A queue and a worker of BullMQ, and how they are observed. */
interface Layers {
  readonly queue: (name: string, options: Options) => Queue;
  readonly worker: (name: string, processor: Processor, options: Options) => Worker;
}

function dropIns(telemetry: Telemetry): Layers {
  return {
    queue: (name, options) => new traced.Queue(name, { ...options, telemetry }),
    worker: (name, processor, options) => new traced.Worker(name, processor, { ...options, telemetry }),
  };
}

function option(port: Telemetry): Layers {
  const telemetry = traced.bullmqTelemetry(port);
  return {
    queue: (name, options) => new Queue(name, { ...options, telemetry }),
    worker: (name, processor, options) => new Worker(name, processor, { ...options, telemetry }),
  };
}

function observed(telemetry: Telemetry): Layers {
  return {
    queue: (name, options) => new Queue(name, options),
    worker: (name, processor, options) => {
      const worker = new Worker(name, processor, options);
      traced.observeWorker(worker, telemetry);
      return worker;
    },
  };
}

function wrapped(telemetry: Telemetry): Layers {
  return {
    queue: (name, options) => new Queue(name, options),
    worker: (name, processor, options) =>
      new Worker(name, traced.wrapProcessor(processor, telemetry), options),
  };
}

function polled(telemetry: Telemetry): Layers {
  return {
    queue: (name, options) => {
      const queue = new Queue(name, options);
      traced.observeQueue(queue, telemetry, { intervalMs: 100 });
      return queue;
    },
    worker: (name, processor, options) => new Worker(name, processor, options),
  };
}

/** As BullMQ calls it in a child process or a thread. */
function sandboxed(telemetry: Telemetry, work: Work): unknown {
  const job = { id: '1', opts: {} };
  return sandboxProcessor((_job: typeof job) => work(), telemetry)(job);
}

/** Work as jobs that the application fetches, does and moves by itself. */
function fetched(telemetry: Telemetry): Host {
  const place = openQueuePlace(inject('redisUrl'));
  const options = { ...place.options, telemetry };
  const queue = place.open(new traced.Queue('work', options));
  const worker = place.open(new traced.Worker('work', null, { ...options, autorun: false }));
  return {
    run: async (work) => {
      await queue.add('work', {});
      const job = await worker.getNextJob('token');
      if (job === undefined) throw new Error('the job that was added is not there');
      try {
        const result = await traced.runFetchedJob(job, work);
        await job.moveToCompleted('done', 'token', false);
        return result;
      } catch (error) {
        await job.moveToFailed(error as Error, 'token', false);
        throw error;
      }
    },
    errors: () => place.errors,
    close: () => place.leave(),
  };
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Work as jobs: sent through a queue, done by a worker, settled by its events. */
function queued(layers: Layers): Host {
  const place = openQueuePlace(inject('redisUrl'));
  const works: Work[] = [];
  const waiting: Waiting[] = [];
  const queue = place.open(layers.queue('work', place.options));
  const worker = place.open(layers.worker('work', async (job) => works[job.data]?.(), place.options));
  worker.on('completed', (job, result) => waiting[job.data]?.resolve(result));
  worker.on('failed', (job, error) => waiting[job?.data ?? -1]?.reject(error));
  return {
    run: async (work) => {
      const index = works.push(work) - 1;
      const settled = new Promise((resolve, reject) => {
        waiting[index] = { resolve, reject };
      });
      const [{ data }] = await Promise.all([queue.add('work', index), settled.catch(() => {})]);
      if (data !== index) throw new Error(`the job that was added says ${data}`);
      return settled;
    },
    errors: () => place.errors,
    close: () => place.leave(),
  };
}
