import { fileURLToPath } from 'node:url';
import type { RecordedSpan, RecordingTelemetry } from '@throughline/core/testing';
import { openJournalStore } from '@throughline/journal-store';
import { waitFor } from '@throughline/testkit';
import { ChildCommand, type Job, type Worker } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { sandboxProcessor } from '../src/sandbox/index.ts';
import { ambientRecording, endedSpan, endedSpans, type JobWorld, openJobWorld } from './support/job-world.ts';
import { isBullmq6, openSandbox, type SandboxKind, type TestSandbox } from './support/sandbox.ts';

const moduleFile = fixture('sandboxed-orders.mjs');
const commonjsFile = fixture('sandboxed-orders.cjs');
const kinds: readonly SandboxKind[] = ['child process', 'worker thread'];

function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}

/** A queue `orders` and a worker for it whose processor is in a sandbox. */
interface SandboxedOrders {
  readonly world: JobWorld;
  readonly telemetry: RecordingTelemetry;
  readonly sandbox: TestSandbox;
  readonly worker: Worker;
  add(name: string, opts?: { attempts?: number }): Promise<Job>;
}

function openOrders(
  kind: SandboxKind,
  { file = moduleFile, flushMs = 0, telemetry = ambientRecording() } = {},
): SandboxedOrders {
  const sandbox = openSandbox(kind, { flushMs });
  const world = openJobWorld();
  const queue = world.queue('orders', telemetry);
  const worker = world.worker('orders', file, telemetry, sandbox.opts);
  const { connection, prefix } = world;
  const add = (name: string, opts?: { attempts?: number }): Promise<Job> =>
    queue.add(name, { total: 12, connection, prefix }, opts);
  return { world, telemetry, sandbox, worker, add };
}

/** The ids by which spans that crossed a file are compared. */
function parentOf(span: RecordedSpan): object {
  return { traceId: span.context.traceId, parent: span.parent?.spanId };
}

function childOf(span: RecordedSpan): object {
  return { traceId: span.context.traceId, parent: span.context.spanId };
}

describe.each(kinds)('a sandboxed processor in a %s', (kind) => {
  it.each([
    ['an ES module', moduleFile],
    ['CommonJS', commonjsFile],
  ])('runs inside its process span, written as %s', async (_, file) => {
    const { telemetry, sandbox, add } = openOrders(kind, { file });

    await add('place');

    const inner = await sandbox.span('charge card');
    const process = await endedSpan(telemetry, 'process orders');
    expect(parentOf(inner)).toEqual(childOf(process));
    expect(parentOf(process)).toEqual(childOf(await endedSpan(telemetry, 'send orders')));
  });

  it('gives its result to the worker', async () => {
    const { world, telemetry, add } = openOrders(kind);

    const job = await add('place');

    await endedSpan(telemetry, 'process orders');
    expect(await world.stored('orders', job.id ?? '', 'returnvalue')).toBe('"charged 12"');
  });

  it('adds jobs that are children of its process span', async () => {
    const { telemetry, sandbox, add } = openOrders(kind);

    await add('invoice');

    const send = await sandbox.span('send invoices');
    expect(parentOf(send)).toEqual(childOf(await endedSpan(telemetry, 'process orders')));
  });

  it('is told its trace by currentJobTrace', async () => {
    const { world, telemetry, add } = openOrders(kind);

    const job = await add('trace');

    const { context } = await endedSpan(telemetry, 'process orders');
    const told = JSON.parse((await world.stored('orders', job.id ?? '', 'returnvalue')) ?? '');
    expect(told).toMatchObject({ traceId: context.traceId, spanId: context.spanId });
  });

  it('leaves nothing of its process span in Redis, whatever it changes and however often it starts', async () => {
    const { world, telemetry, add } = openOrders(kind);

    const job = await add('update', { attempts: 2 });
    const added = await world.stored('orders', job.id ?? '', 'opts');

    const processed = await endedSpans(telemetry, 'process orders', 2);
    const key = `${world.prefix}:orders:${job.id}`;
    const hash = await world.redis.hgetall(key);
    expect(processed.map((span) => span.outcome)).toEqual(['retry', 'ok']);
    expect(hash).toMatchObject({ opts: added, progress: '50', data: '{"total":13}' });
    expect(await world.redis.lrange(`${key}:logs`, 0, -1)).toEqual(['half way', 'half way']);
    for (const { context } of processed) expect(JSON.stringify(hash)).not.toContain(context.spanId);
  });

  it('gives the job its own carrier back before anybody hears of the result', async () => {
    const { worker, add, telemetry } = openOrders(kind);
    const heard: unknown[] = [];
    worker.on('completed', (job) => heard.push(job.opts.telemetry));

    const { opts } = await add('place');

    await endedSpan(telemetry, 'process orders');
    expect(heard).toEqual([opts.telemetry]);
  });

  it.each([
    ['delay', 'delayed'],
    ['release', 'released'],
    ['limit', 'rate_limited'],
  ])('hands a job back: %s', async (name, outcome) => {
    const { telemetry, add } = openOrders(kind);

    await add(name);

    const spans = await endedSpans(telemetry, 'process orders', 2);
    expect(spans.map((span) => span.outcome)).toEqual([outcome, 'ok']);
  });

  it('waits for children', async () => {
    const { world, telemetry } = openOrders(kind);
    const flow = { name: 'wait', queueName: 'orders', children: [{ name: 'pack', queueName: 'parcels' }] };
    world.worker('parcels', async () => {}, telemetry);

    await world.flows(telemetry).add(flow);

    const [span] = await endedSpans(telemetry, 'process orders');
    expect(span?.outcome).toBe('ok');
  });

  it.each([
    ['own_error', 'PaymentError', 'no funds', 'retry'],
    ['type_error', 'TypeError', 'no card', 'retry'],
    ['give_up', 'UnrecoverableError', 'no such card', 'error'],
  ])('throws an error that keeps its class: %s', async (step, name, message, outcome) => {
    const { telemetry, add } = openOrders(kind);

    await add(step, { attempts: 2 });

    const [span] = await endedSpans(telemetry, 'process orders');
    expect(span).toMatchObject({ outcome, error: { name, message } });
  });

  it('hears that its job is cancelled', async () => {
    const { worker, telemetry, add } = openOrders(kind);

    const job = await add('cancel');

    await waitFor(() => worker.cancelJob(job.id ?? '', 'changed my mind'), { what: 'a job to cancel' });
    const span = await endedSpan(telemetry, 'process orders');
    expect(span.error).toMatchObject({ message: expect.stringContaining('cancelled') });
  });

  it('has nothing active when its worker is not traced', async () => {
    const sandbox = openSandbox(kind);
    const world = openJobWorld();
    world.hostWorker('orders', moduleFile, sandbox.opts);

    await world.hostQueue('orders').add('place', { total: 12 });

    expect((await sandbox.span('charge card')).parent).toBeUndefined();
  });
});

/** BullMQ 5 terminates its threads without a word. */
describe.each(isBullmq6 ? kinds : kinds.slice(0, 1))('a %s that its worker retires', (kind) => {
  it('flushes first', async () => {
    const { telemetry, sandbox, worker, add } = openOrders(kind, { flushMs: 200 });
    await add('place');
    await endedSpan(telemetry, 'process orders');

    await worker.close();

    expect(sandbox.spans().map((span) => span.name)).toEqual(['charge card']);
  });
});

describe('a flush of a sandbox', () => {
  it('is not waited for by the job', async () => {
    const { telemetry, sandbox, add } = openOrders('child process', { flushMs: 500 });

    await add('place');
    await endedSpan(telemetry, 'process orders');

    expect(sandbox.spans()).toEqual([]);
  });
});

describe('event telemetry in a sandbox', () => {
  it.each(kinds)('stores the inner spans under the process span, in a %s', async (kind) => {
    const { telemetry, sandbox, add } = openOrders(kind, { file: fixture('sandboxed-events.mjs') });

    await add('place');

    const { context } = await endedSpan(telemetry, 'process orders');
    const store = await openJournalStore({ directory: sandbox.opts.workerForkOptions?.env?.JOURNAL ?? '' });
    await waitFor(async () => (await store.getTrace(context.traceId)).length === 2, {
      what: 'the stored start and end of a span',
    });
    const events = await store.getTrace(context.traceId);
    expect(events.map((event) => [event.event_type, event.parent_span_id])).toEqual([
      ['charge card:started', context.spanId],
      ['charge card:completed', context.spanId],
    ]);
    await store.close();
  });
});

describe('sandboxProcessor', () => {
  it('is the processor itself when telemetry is off', () => {
    const processor = async (): Promise<void> => {};

    expect(sandboxProcessor(processor, undefined)).toBe(processor);
  });

  it('keeps the number of parameters', () => {
    const processor = sandboxProcessor(async (_job: Job, _token: string) => {}, ambientRecording());

    expect(processor).toHaveLength(2);
  });

  it('gives the very result and the very error, also where nothing is asynchronous', () => {
    const error = new RangeError('busy');
    const fails = (): never => {
      throw error;
    };

    expect(sandboxProcessor(() => 12, ambientRecording())()).toBe(12);
    expect(sandboxProcessor(fails, ambientRecording())).toThrow(error);
  });

  it('knows the number by which BullMQ stops a thread', () => {
    expect(ChildCommand.Stop).toBe(2);
  });
});
