import { fileURLToPath } from 'node:url';
import { noopTelemetry } from '@throughline/core';
import { type FlowProducer, type Job, type Queue, UnrecoverableError } from 'bullmq';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ambientRecording, openJobWorld } from './support/job-world.ts';
import { commandsDuring } from './support/redis-commands.ts';
import { bare, dropIns, layers, type Surface, throwingTelemetry } from './support/surfaces.ts';

const sandboxed = fileURLToPath(new URL('fixtures/sandboxed-mail.cjs', import.meta.url));
const anHour = 3_600_000;

const processors = {
  works: async () => 'done',
  'fails once': async (job: Job) => {
    if (job.attemptsStarted === 1) throw new Error('busy');
  },
  fails: () => Promise.reject(new Error('busy')),
  'fails for good': () => Promise.reject(new UnrecoverableError('no such address')),
  'runs in a child process': sandboxed,
};

interface Producers {
  readonly queue: Queue;
  readonly flows: FlowProducer;
}

/** A job shape: how jobs are added, and how often workers say that one has ended. */
interface Shape {
  readonly what: string;
  readonly add: (producers: Producers) => Promise<unknown>;
  /** @default 'works' */
  readonly processor?: keyof typeof processors;
  readonly endings: number;
}

const flow = {
  name: 'report',
  queueName: 'mail',
  children: [
    { name: 'fetch', queueName: 'mail' },
    { name: 'fetch', queueName: 'mail', opts: { attempts: 2 } },
  ],
};

const shapes: readonly Shape[] = [
  { what: 'a job', add: ({ queue }) => queue.add('a', {}), endings: 1 },
  {
    what: 'jobs one after the other',
    add: async ({ queue }) => {
      for (let index = 0; index < 12; index += 1) await queue.add('a', {});
    },
    endings: 12,
  },
  {
    what: 'a job with priority',
    add: ({ queue }) => queue.add('a', {}, { priority: 3 }),
    endings: 1,
  },
  {
    what: 'a delayed job that is promoted',
    add: async ({ queue }) => (await queue.add('a', {}, { delay: anHour })).promote(),
    endings: 1,
  },
  {
    what: 'a duplicate and a deduplicated job',
    add: async ({ queue }) => {
      const opts = { jobId: 'a', deduplication: { id: 'a' } };
      for (let index = 0; index < 3; index += 1) await queue.add('a', {}, opts);
    },
    endings: 1,
  },
  {
    what: 'a bulk',
    add: ({ queue }) =>
      queue.addBulk([
        { name: 'a', data: {} },
        { name: 'b', data: null, opts: { attempts: 2 } },
      ]),
    endings: 2,
  },
  { what: 'a flow', add: ({ flows }) => flows.add(flow), endings: 3 },
  {
    what: 'flows in bulk',
    add: ({ flows }) => flows.addBulk([flow, flow]),
    endings: 6,
  },
  {
    what: 'the tick of a schedule',
    add: ({ queue }) => queue.upsertJobScheduler('hourly', { every: anHour }),
    endings: 1,
  },
  {
    what: 'a job that fails once',
    add: ({ queue }) => queue.add('a', {}, { attempts: 2 }),
    processor: 'fails once',
    endings: 2,
  },
  {
    what: 'a job that fails and waits for its backoff',
    add: ({ queue }) => queue.add('a', {}, { attempts: 2, backoff: anHour }),
    processor: 'fails',
    endings: 1,
  },
  {
    what: 'a job that fails for good',
    add: ({ queue }) => queue.add('a', {}, { attempts: 2 }),
    processor: 'fails for good',
    endings: 1,
  },
  {
    what: 'a sandboxed job',
    add: ({ queue }) => queue.add('a', {}),
    processor: 'runs in a child process',
    endings: 1,
  },
  {
    what: 'a sandboxed job that fails',
    add: ({ queue }) => queue.add('a', { fails: true }),
    processor: 'runs in a child process',
    endings: 1,
  },
];

/** The names of the commands that one surface gives for a shape, added and then processed. */
async function commandsOf(
  { add, processor = 'works', endings }: Shape,
  surface: Surface,
): Promise<{ readonly adding: readonly string[]; readonly processing: readonly string[] }> {
  const world = openJobWorld();
  const producers = { queue: surface.queue(world, 'mail'), flows: surface.flows(world) };
  await producers.flows.waitUntilReady();
  // Answered after what the constructor sends by itself.
  await producers.queue.getJobCounts();
  const adding = await commandsDuring(world, () => add(producers));
  const processing = await commandsDuring(world, async () => {
    const opts = { skipStalledCheck: true };
    const worker = surface.worker(world, 'mail', processors[processor], opts);
    let left = endings;
    await new Promise<void>((resolve) => {
      const ended = (): void => {
        left -= 1;
        if (left === 0) resolve();
      };
      worker.on('completed', ended).on('failed', ended);
    });
    await worker.close();
  });
  const namesOf = (commands: typeof adding): string[] =>
    commands.filter(({ isFromScript }) => !isFromScript).map(({ name }) => name);
  return { adding: namesOf(adding), processing: namesOf(processing) };
}

beforeEach(() => void vi.spyOn(console, 'warn').mockReturnValue());

describe.each(shapes)('the commands that Redis gets for $what', (shape) => {
  let commandsOfBare: ReturnType<typeof commandsOf> | undefined;

  it.each([
    { how: 'without telemetry', surface: () => dropIns(undefined) },
    { how: 'with a telemetry that is off', surface: () => dropIns(noopTelemetry) },
    { how: 'with a telemetry that throws', surface: () => dropIns(throwingTelemetry()) },
    { how: 'when they are traced', surface: () => dropIns(ambientRecording()) },
    { how: "when BullMQ's own classes are traced", surface: () => layers(ambientRecording()) },
  ])('are the same $how', async ({ surface }) => {
    commandsOfBare ??= commandsOf(shape, bare);
    const expected = await commandsOfBare;

    expect(expected.adding.length).toBeGreaterThan(0);
    expect(expected.processing.length).toBeGreaterThan(0);
    expect(await commandsOf(shape, surface())).toEqual(expected);
  });
});
