import type { Telemetry } from '@throughline/core';
import { createHostileTelemetry, type TelemetryFault, telemetryHooks } from '@throughline/core/testing';
import { waitFor } from '@throughline/testkit';
import { type Job, UnrecoverableError } from 'bullmq';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { bullmqTelemetry, observeWorker, wrapProcessor } from '../src/index.ts';
import { type JobWorld, openJobWorld } from './support/job-world.ts';

/** Everything about a run of jobs that an application can see. */
interface Story {
  readonly added: string[];
  readonly ran: string[];
  readonly completed: string[];
  readonly failed: string[];
}

interface Producer {
  add(name: string, data: unknown, opts?: object): Promise<Job>;
  addBulk(jobs: { name: string; data: unknown }[]): Promise<Job[]>;
}

interface Consumer {
  on(event: 'completed', listener: (job: Job, result: unknown) => void): unknown;
  on(event: 'failed', listener: (job: Job | undefined, error: Error) => void): unknown;
  close(): Promise<void>;
}

interface Stage {
  readonly world: JobWorld;
  readonly queue: string;
  readonly telemetry: Partial<Telemetry> | undefined;
}

/** A way to observe BullMQ. */
interface Surface {
  readonly produce: (stage: Stage) => Producer;
  readonly consume: (stage: Stage, processor: (job: Job) => Promise<string>) => Consumer;
}

const dropIns: Surface = {
  produce: ({ world, queue, telemetry }) => world.queue(queue, telemetry),
  consume: ({ world, queue, telemetry }, processor) => world.worker(queue, processor, telemetry),
};

const layers: Surface = {
  produce: ({ world, queue, telemetry }) => world.hostQueue(queue, hostOptions(telemetry)),
  consume: ({ world, queue, telemetry }, processor) => {
    const worker = world.hostWorker(queue, wrapProcessor(processor, telemetry), hostOptions(telemetry));
    observeWorker(worker, telemetry);
    return worker;
  },
};

function hostOptions(telemetry: Partial<Telemetry> | undefined): object {
  return telemetry ? { telemetry: bullmqTelemetry(telemetry) } : {};
}

/** Plays the same jobs to every telemetry. They are there before the worker is: their order is BullMQ's alone. */
async function tell({ produce, consume }: Surface, stage: Stage): Promise<Story> {
  const story: Story = { added: [], ran: [], completed: [], failed: [] };
  const queue = produce(stage);
  for (const name of ['plain', 'retried', 'refused']) {
    const { id } = await queue.add(name, null, { attempts: 2 });
    story.added.push(`${name} ${id}`);
  }
  const bulk = await queue.addBulk([{ name: 'bulk', data: [] }]);
  story.added.push(`bulk ${bulk[0]?.id}`);
  const worker = consume(stage, async (job) => {
    story.ran.push(`${job.name} ${job.attemptsStarted}`);
    if (job.name === 'retried' && job.attemptsMade === 0) throw new Error('busy');
    if (job.name === 'refused') throw new UnrecoverableError('no');
    return `${job.name} done`;
  });
  worker.on('completed', (_job, result) => story.completed.push(String(result)));
  worker.on('failed', (job, error) => story.failed.push(`${job?.name} ${error.message}`));
  await waitFor(() => story.completed.length + story.failed.length === 5, { what: 'all jobs' });
  await worker.close();
  return story;
}

const told: Story = {
  added: ['plain 1', 'retried 2', 'refused 3', 'bulk 4'],
  ran: ['plain 1', 'retried 1', 'refused 1', 'bulk 1', 'retried 2'],
  completed: ['plain done', 'bulk done', 'retried done'],
  failed: ['retried busy', 'refused no'],
};

/** Every method throws. */
function throwingTelemetry(): Telemetry {
  const bomb = (): never => {
    throw new Error('thrown by a hostile telemetry');
  };
  const hooks = ['startSpan', 'activeContext', 'withContext', 'emitEvent', 'observe', 'isEnabled', 'flush'];
  const members = Object.fromEntries([...hooks, 'shutdown'].map((name) => [name, bomb]));
  return { ...members, propagation: { inject: bomb, extract: bomb } } as unknown as Telemetry;
}

/** Faults that differ to an adapter. The guard itself is proved against all of them in core. */
const faults: readonly TelemetryFault[] = [
  'throws',
  'rejects',
  'hangs',
  'returns null',
  'returns a throwing proxy',
  'throws after running',
  'runs twice',
  'runs later',
];

beforeEach(() => {
  vi.spyOn(console, 'warn').mockReturnValue();
});

describe.each([
  { name: 'the drop-in classes', surface: dropIns },
  { name: "BullMQ's classes with all layers", surface: layers },
])('jobs through $name', ({ surface }) => {
  it('tell their story without telemetry', async () => {
    expect(await tell(surface, { world: openJobWorld(), queue: 'mail', telemetry: undefined })).toEqual(told);
  });

  it('tell the same story when every method throws', async () => {
    const telemetry = throwingTelemetry();
    expect(await tell(surface, { world: openJobWorld(), queue: 'mail', telemetry })).toEqual(told);
  });

  it.each(faults.map((fault) => ({ fault })))(
    'tell the same story whichever hook of the telemetry $fault',
    async ({ fault }) => {
      const world = openJobWorld();
      const play = async (hook: (typeof telemetryHooks)[number]) => {
        const telemetry = createHostileTelemetry(hook, fault);
        return { hook, story: await tell(surface, { world, queue: hook, telemetry }) };
      };

      const stories = await Promise.all(telemetryHooks.map(play));

      expect(stories).toEqual(telemetryHooks.map((hook) => ({ hook, story: told })));
    },
  );
});
