import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { combineTelemetry, createEventTelemetry, type Telemetry } from '@throughline/core';
import { EventWriter, MemoryTraceStore, type TraceEvent } from '@throughline/core/events';
import { openJournalStore } from '@throughline/journal-store';
import { createOtelTelemetry } from '@throughline/otel';
import { startOtlpReceiver, waitFor } from '@throughline/testkit';
import type { FlowJob, Telemetry as HostTelemetry, Job, Queue, Worker } from 'bullmq';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type BullmqTelemetryOptions,
  bullmqTelemetry,
  observeQueue,
  observeWorker,
  wrapProcessor,
} from '../src/index.ts';
import { type JobWorld, openJobWorld } from './support/job-world.ts';
import { registerOtel } from './support/real-otel.ts';

/** Secrets by the place they are put in. Neither their form nor the keys they are under are known to redaction. */
const canary = {
  data: 'canary-in-data',
  nested: 'canary-in-nested-data',
  result: 'canary-in-result',
  options: 'canary-in-options',
  progress: 'canary-in-progress',
  log: 'canary-in-log',
  stack: 'canary-in-stack',
  property: 'canary-in-error-property',
  password: 'canary-in-password',
} as const;
const data = { orderId: 17, note: canary.data, deep: { note: canary.nested }, list: [canary.nested] };

/** All that leaves the process while jobs run, as text. */
interface Outlet {
  readonly telemetry: Telemetry;
  read(): Promise<Readonly<Record<'spans' | 'metrics' | 'otlp' | 'journal' | 'console', string>>>;
}

async function openOutlets(): Promise<Outlet> {
  const said: unknown[] = [];
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, method).mockImplementation((...args) => void said.push(...args));
  onTestFinished(() => void vi.restoreAllMocks());
  const receiver = await startOtlpReceiver();
  onTestFinished(() => receiver.stop());
  const exporter = new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` });
  const otel = registerOtel({ processors: [new SimpleSpanProcessor(exporter)] });
  const directory = await mkdtemp(join(tmpdir(), 'payload-'));
  const store = await openJournalStore({ directory });
  const writer = new EventWriter(store);
  onTestFinished(async () => {
    await writer.close();
    await store.close();
    await rm(directory, { recursive: true });
  });
  const events = createEventTelemetry({ writer, ambient: new AsyncLocalStorage() });
  const telemetry = combineTelemetry(createOtelTelemetry(), events);
  return {
    telemetry,
    async read() {
      await telemetry.flush();
      await exporter.forceFlush();
      const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((file) =>
        file.isFile(),
      );
      const journal = await Promise.all(
        files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
      );
      const spans = otel
        .spans()
        .map(({ name, attributes, events, links, status }) => ({ name, attributes, events, links, status }));
      return {
        spans: JSON.stringify(spans),
        metrics: JSON.stringify(await otel.metrics('@throughline/otel')),
        otlp: JSON.stringify(receiver.requests().map(({ body }) => body)),
        journal: journal.join('\n'),
        console: said.map(String).join('\n'),
      };
    },
  };
}

/** How jobs are put on BullMQ and taken from it. */
interface Surface {
  queue(world: JobWorld, telemetry: HostTelemetry): Queue;
  worker(
    world: JobWorld,
    name: string,
    processor: (job: Job) => Promise<unknown>,
    telemetry: HostTelemetry,
  ): Worker;
}

const surfaces: readonly (Surface & { readonly name: string })[] = [
  {
    name: 'the drop-in classes',
    queue: (world, telemetry) => world.queue('mail', telemetry),
    worker: (world, name, processor, telemetry) => world.worker(name, processor, telemetry),
  },
  {
    name: "BullMQ's classes with all layers",
    queue: (world, telemetry) => world.hostQueue('mail', { telemetry }),
    worker(world, name, processor, telemetry) {
      const worker = world.hostWorker(name, wrapProcessor(processor, telemetry), { telemetry });
      observeWorker(worker, telemetry);
      return worker;
    },
  },
];

function failure(): Error {
  const error = new RangeError(`no such order; tried with password=${canary.password}`);
  error.stack = `RangeError: at ${canary.stack}`;
  return Object.assign(error, { payload: canary.property });
}

/** Every kind of thing that an application hands to BullMQ. */
async function play(surface: Surface, world: JobWorld, telemetry: HostTelemetry): Promise<void> {
  const queue = surface.queue(world, telemetry);
  const stop = observeQueue(queue, telemetry);
  let starts = 0;
  const processor = async (job: Job): Promise<unknown> => {
    starts += 1;
    await job.updateProgress({ note: canary.progress });
    await job.log(canary.log);
    if (job.name === 'flaky' && job.attemptsMade === 0) throw failure();
    if (job.name === 'refused') throw failure();
    return { total: 3, note: canary.result, deep: { note: canary.result } };
  };
  const worker = surface.worker(world, 'mail', processor, telemetry);
  const parents = surface.worker(world, 'reports', async (job) => job.getChildrenValues(), telemetry);
  await queue.add('welcome', data, { deduplication: { id: canary.options } });
  await queue.add('welcome', data, { deduplication: { id: canary.options } });
  await queue.add('flaky', data, { attempts: 2, backoff: 5 });
  await queue.add('refused', data, { jobId: 'refused-1' });
  await queue.addBulk([
    { name: 'bulk', data },
    { name: 'bulk', data, opts: { priority: 2 } },
  ]);
  await queue.upsertJobScheduler('every-day', { every: 86_400_000 }, { name: 'tick', data });
  const flow: FlowJob = {
    name: 'report',
    queueName: 'reports',
    data,
    children: [{ name: 'part', queueName: 'mail', data }],
  };
  await world.flows(telemetry).add(flow);
  await expect(queue.add('refused', {}, { jobId: '0' })).rejects.toThrow();
  await waitFor(() => starts >= 8, { what: 'all jobs' });
  await Promise.all([worker.close(), parents.close()]);
  stop();
}

/** The carriers of all jobs that are left, and all that Throughline keeps in Redis for itself. */
async function keptInRedis({ redis, prefix }: JobWorld): Promise<string> {
  const keys = await redis.keys(`${prefix}:*`);
  const kept: string[] = [];
  for (const key of keys) {
    if (key.includes('throughline')) kept.push(key, String(await redis.get(key).catch(() => '')));
    const opts = (await redis.type(key)) === 'hash' ? await redis.hget(key, 'opts') : null;
    if (opts !== null) kept.push(JSON.stringify(JSON.parse(opts).tm ?? ''));
  }
  return kept.join('\n');
}

/** Which secrets are found where. */
function leaks(outlets: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(outlets).flatMap(([outlet, text]) =>
    Object.values(canary)
      .filter((secret) => text.includes(secret))
      .map((secret) => `${outlet}: ${secret}`),
  );
}

describe.each(surfaces)('with $name', (surface) => {
  it.each<{ readonly title: string; readonly options: BullmqTelemetryOptions }>([
    { title: 'by default', options: {} },
    {
      title: 'with every other setting at its most talkative',
      options: { internalSpans: true, names: 'bullmq-otel' },
    },
  ])('nothing of the payload leaves the process $title', async ({ options }) => {
    const { telemetry, read } = await openOutlets();
    const world = openJobWorld();

    await play(surface, world, bullmqTelemetry(telemetry, { prefix: world.prefix, ...options }));

    const outlets = { ...(await read()), redis: await keptInRedis(world) };
    expect(leaks(outlets)).toEqual([]);
    for (const outlet of ['spans', 'otlp', 'journal'] as const)
      expect(outlets[outlet]).toContain('process mail');
    expect(outlets.redis).toContain('traceparent');
    expect(outlets.journal).toContain('no such order; tried with password=[redacted]');
    expect(outlets.otlp).toContain('no such order; tried with password=[redacted]');
  });

  it('nothing of the payload leaves with what a function of the relation throws', async () => {
    const { telemetry, read } = await openOutlets();
    const world = openJobWorld();
    const relation = (job: { data: { note: string } }) => JSON.parse(job.data.note); // quotes it

    await play(
      surface,
      world,
      bullmqTelemetry(telemetry, { prefix: world.prefix, relation: relation as never }),
    );

    const outlets = await read();
    expect(leaks(outlets)).toEqual([]);
    expect(outlets.console).toContain('SyntaxError');
  });

  it('what capture allows is stored, and nothing else of it', async () => {
    const { telemetry, read } = await openOutlets();
    const world = openJobWorld();
    const capture = {
      data: ['orderId', 'deep'],
      result: ({ total }: { total: number }) => ({ total }),
      errorMessages: false,
    };

    await play(surface, world, bullmqTelemetry(telemetry, { prefix: world.prefix, capture }));

    const outlets = { ...(await read()), redis: await keptInRedis(world) };
    expect(leaks(outlets)).toEqual([`journal: ${canary.nested}`]);
    expect(outlets.journal).toContain('"job_result":{"total":3}');
    expect(JSON.stringify(outlets)).not.toContain('no such order');
    expect(outlets.otlp).toContain('RangeError');
  });
});

/** Events of one job that a processor handles, with these settings. */
async function eventsOf(
  options: BullmqTelemetryOptions,
  payload: unknown,
  processor: (job: Job) => Promise<unknown> = async () => 'sent',
): Promise<readonly TraceEvent[]> {
  const store = new MemoryTraceStore();
  const writer = new EventWriter(store, { process: false });
  const world = openJobWorld();
  const telemetry = bullmqTelemetry(createEventTelemetry({ writer }), options);
  await world.queue('mail', telemetry).add('welcome', payload);
  let isOver = false;
  const worker = world.worker('mail', processor, telemetry);
  for (const event of ['completed', 'failed'] as const)
    worker.on(event, () => {
      isOver = true;
    });
  await waitFor(() => isOver, { what: 'the job' });
  await worker.close();
  const { traces } = await store.listTraces();
  return store.getTrace(traces[0]?.traceId ?? '');
}

const dataOf = (events: readonly TraceEvent[], type: string) =>
  events.find(({ event_type }) => event_type === type)?.data;

describe('capture', () => {
  it('stores fields of the data with the start, and of the result with the end', async () => {
    const capture = { data: ['orderId'], result: ['total'] };
    const events = await eventsOf({ capture }, data, async () => ({ total: 3, note: canary.result }));

    expect(dataOf(events, 'job:started')).toMatchObject({ job_data: { orderId: 17 } });
    expect(dataOf(events, 'job:completed')).toMatchObject({ job_result: { total: 3 } });
    expect(JSON.stringify(events)).not.toContain('canary');
  });

  it('finds no fields in data that is no object', async () => {
    for (const payload of [null, 5, 'x', []]) {
      const events = await eventsOf({ capture: { data: ['orderId', 'length'].slice(0, 1) } }, payload);
      expect(dataOf(events, 'job:started')?.job_data ?? {}).toEqual({});
    }
  });

  it('passes through the redaction of the writer', async () => {
    const events = await eventsOf({ capture: { data: ['password'] } }, { password: 'hunter2' });

    expect(dataOf(events, 'job:started')?.job_data).toEqual({ password: '[redacted]' });
  });

  it('does not touch a job whose capture fails, and says with what', async () => {
    const capture = {
      data: () => {
        throw new TypeError(canary.data);
      },
      result: () => undefined,
    };
    const events = await eventsOf({ capture }, data);

    expect(dataOf(events, 'job:started')?.job_data).toEqual({ capture_failed: 'TypeError' });
    expect(dataOf(events, 'job:completed')).not.toHaveProperty('job_result');
    expect(JSON.stringify(events)).not.toContain('canary');
  });

  it('takes no promise, and keeps one that rejects from ending the process', async () => {
    const capture = { data: () => Promise.reject(new TypeError(canary.data)) };
    const events = await eventsOf({ capture: capture as never }, data);

    expect(dataOf(events, 'job:started')?.job_data).toEqual({ capture_failed: 'Promise' });
    expect(events.map(({ event_type }) => event_type)).toContain('job:completed');
  });

  it('leaves the type of an error when messages are not to be told', async () => {
    const events = await eventsOf({ capture: { errorMessages: false } }, data, () =>
      Promise.reject(failure()),
    );

    expect(dataOf(events, 'job:failed')?.error).toEqual({ type: 'RangeError', message: '' });
  });

  it.each([{ data: 5 }, { result: [7] }, { errorMessages: 'no' }])('refuses %o', (capture) => {
    const construct = () => bullmqTelemetry(undefined, { capture: capture as never });
    expect(construct).toThrow(/bullmqTelemetry\.capture\./);
  });
});
