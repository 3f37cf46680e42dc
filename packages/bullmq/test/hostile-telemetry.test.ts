import 'reflect-metadata';
import { noopTelemetry } from '@throughline/core';
import {
  createHostileTelemetry,
  type TelemetryFault,
  telemetryFaults,
  telemetryHooks,
} from '@throughline/core/testing';
import { waitFor } from '@throughline/testkit';
import { UnrecoverableError } from 'bullmq';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { doctor } from '../src/index.ts';
import { BullModule } from '../src/nestjs/index.ts';
import { type JobWorld, openJobWorld } from './support/job-world.ts';
import { ordersParts, post, startNest, tracedRoot } from './support/nest-orders.ts';
import { dropIns, layers, type Surface, throwingTelemetry } from './support/surfaces.ts';

/** Everything about a run of jobs that an application can see. */
interface Story {
  readonly added: string[];
  readonly ran: string[];
  readonly completed: string[];
  readonly failed: string[];
}

/** Plays the same jobs to every telemetry. They are there before the worker is: their order is BullMQ's alone. */
async function tell(surface: Surface, world: JobWorld, name: string): Promise<Story> {
  const story: Story = { added: [], ran: [], completed: [], failed: [] };
  const queue = surface.queue(world, name);
  for (const job of ['plain', 'retried', 'refused']) {
    const { id } = await queue.add(job, null, { attempts: 2 });
    story.added.push(`${job} ${id}`);
  }
  const bulk = await queue.addBulk([{ name: 'bulk', data: [] }]);
  story.added.push(`bulk ${bulk[0]?.id}`);
  const worker = surface.worker(world, name, async (job) => {
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
  { name: 'the drop-in classes', open: dropIns },
  { name: "BullMQ's classes with all layers", open: layers },
])('jobs through $name', ({ open }) => {
  it('tell their story without telemetry', async () => {
    expect(await tell(open(undefined), openJobWorld(), 'mail')).toEqual(told);
  });

  it('tell the same story when every method throws', async () => {
    expect(await tell(open(throwingTelemetry()), openJobWorld(), 'mail')).toEqual(told);
  });

  it.each(faults.map((fault) => ({ fault })))(
    'tell the same story whichever hook of the telemetry $fault',
    async ({ fault }) => {
      const world = openJobWorld();
      const play = async (hook: (typeof telemetryHooks)[number]) => {
        const telemetry = createHostileTelemetry(hook, fault);
        return { hook, story: await tell(open(telemetry), world, hook) };
      };

      const stories = await Promise.all(telemetryHooks.map(play));

      expect(stories).toEqual(telemetryHooks.map((hook) => ({ hook, story: told })));
    },
  );
});

describe('a NestJS application', () => {
  it('takes requests and runs jobs when every method of its telemetry throws', async () => {
    const { connection, prefix } = openJobWorld();
    const telemetry = throwingTelemetry();
    const { completed, controllers, providers } = ordersParts();
    const imports = [
      BullModule.forRoot({ connection, prefix, telemetry }),
      BullModule.registerQueue({ name: 'orders' }, { name: 'invoices' }),
      BullModule.registerFlowProducer({ name: 'flows' }),
    ];

    const root = { imports, controllers: [...controllers], providers: [...providers] };
    await post(await startNest(tracedRoot(noopTelemetry, root)), '/orders');

    await waitFor(() => completed.length === 1, { what: 'the job' });
    expect(completed).toEqual(['place']);
  });
});

describe('doctor', () => {
  it.each(telemetryFaults)('reports, whichever hook of the telemetry %s', async (fault) => {
    const queue = openJobWorld().queue('mail', undefined);
    // BullMQ 5 leaves a rejection unheard when a queue is closed while it connects.
    await queue.waitUntilReady();
    const reports = telemetryHooks.map((hook) =>
      doctor({ queue, telemetry: createHostileTelemetry(hook, fault), timeoutMs: 50 }),
    );

    const levels = (await Promise.all(reports)).map(({ findings }) => typeof findings.length);

    expect(levels).toEqual(telemetryHooks.map(() => 'number'));
  });
});
