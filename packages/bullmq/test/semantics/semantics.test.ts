import { fileURLToPath } from 'node:url';
import { noopTelemetry, type Telemetry } from '@throughline/core';
import { type JobsOptions, type Processor, UnrecoverableError } from 'bullmq';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ambientRecording } from '../support/job-world.ts';
import { bare, dropIns, layers, type Surface, throwingTelemetry } from '../support/surfaces.ts';
import { runWorkload } from './run-workload.ts';
import { type Ending, endings, type ScriptedJob, type Step, type Workload } from './workload.ts';

const sandboxed = fileURLToPath(new URL('../fixtures/sandboxed-mail.cjs', import.meta.url));
const anHour = 3_600_000;

/** Every shape of job and every way to end there is, once. */
const everything: Workload = [
  ...endings.map((ending): Step => ({ call: 'add', job: { endings: [ending], opts: { attempts: 2 } } })),
  { call: 'add', job: { endings: ['throws', 'throws', 'throws'], data: null, opts: { attempts: 3 } } },
  { call: 'add', job: { endings: ['throws', 'throws'], data: 'x', opts: { attempts: 3, backoff: 5 } } },
  {
    call: 'add',
    job: { endings: ['throws'], opts: { attempts: 3, backoff: { type: 'exponential', delay: anHour } } },
  },
  { call: 'add', job: { endings: [], data: [], opts: { delay: 5 } } },
  { call: 'add', job: { endings: [], opts: { priority: 2 } } },
  { call: 'add', job: { endings: [], opts: { priority: 1 } } },
  { call: 'add', job: { endings: [], opts: { lifo: true, removeOnComplete: true } } },
  { call: 'add', job: { endings: [], opts: { jobId: 'fixed' } } },
  { call: 'add', job: { endings: [], opts: { jobId: 'fixed' } } },
  { call: 'add', job: { endings: [], opts: { jobId: '0' } } },
  { call: 'add', job: { endings: [], opts: { deduplication: { id: 'same' } } } },
  { call: 'add', job: { endings: [], opts: { deduplication: { id: 'same' } } } },
  { call: 'addBulk', jobs: [{ endings: [] }, { endings: ['throws'], data: 5, opts: { attempts: 2 } }] },
  { call: 'addBulk', jobs: [] },
  {
    call: 'addFlow',
    job: { endings: [] },
    children: [{ endings: [] }, { endings: [], opts: { attempts: 2 } }],
  },
  { call: 'addFlow', job: { endings: [] }, children: [{ endings: ['throws'] }] },
  ...[
    { failParentOnFailure: true },
    { continueParentOnFailure: true },
    { ignoreDependencyOnFailure: true },
    { removeDependencyOnFailure: true },
  ].map(
    (opts): Step => ({
      call: 'addFlow',
      job: { endings: [] },
      children: [{ endings: ['gives up'], opts }],
    }),
  ),
  { call: 'schedule', job: { endings: [] } },
];

interface Observation {
  readonly how: string;
  readonly open: () => Surface;
}

const through = (how: string, telemetry: () => Partial<Telemetry> | undefined): Observation[] => [
  { how: `the drop-in classes ${how}`, open: () => dropIns(telemetry()) },
  { how: `BullMQ's classes with all layers ${how}`, open: () => layers(telemetry()) },
];
const observations: readonly Observation[] = [
  ...through('without telemetry', () => undefined),
  ...through('with a telemetry that is off', () => noopTelemetry),
  ...through('with a telemetry that throws', throwingTelemetry),
  ...through('that are traced', ambientRecording),
];

beforeEach(() => void vi.spyOn(console, 'warn').mockReturnValue());

describe.each(observations)('jobs through $how', ({ open }) => {
  it('are what they are without us: calls, starts, events, errors, results, and what is stored', async () => {
    expect(await runWorkload(open(), everything)).toEqual(await runWorkload(bare, everything));
  });

  it('are what they are without us in a child process', async () => {
    const inSandbox: Workload = [
      { call: 'add', job: { endings: [] } },
      { call: 'add', job: { endings: [], data: { fails: true }, opts: { attempts: 2 } } },
    ];
    expect(await runWorkload(open(), inSandbox, sandboxed)).toEqual(
      await runWorkload(bare, inSandbox, sandboxed),
    );
  });
});

/** What an instrumentation might change, each in one way. */
const saboteurs: readonly { readonly what: string; readonly surface: Surface }[] = [
  {
    what: 'writes to the data of jobs',
    surface: { ...bare, worker: (world, name, processor) => bare.worker(world, name, writing(processor)) },
  },
  {
    what: 'hands on copies of errors',
    surface: { ...bare, worker: (world, name, processor) => bare.worker(world, name, copying(processor)) },
  },
  {
    what: 'delays retries',
    surface: {
      ...bare,
      worker: (world, name, processor) =>
        world.hostWorker(name, processor, { settings: { backoffStrategy: () => 1 } }),
      queue: (world, name) => world.hostQueue(name, { defaultJobOptions: { backoff: { type: 'custom' } } }),
    },
  },
];

function writing(processor: Processor | string): Processor {
  return async (job, token) => {
    await job.updateData({ ...job.data, traced: true });
    return (processor as Processor)(job, token);
  };
}

function copying(processor: Processor | string): Processor {
  return async (job, token) => {
    try {
      return await (processor as Processor)(job, token);
    } catch (error) {
      throw error instanceof UnrecoverableError ? new UnrecoverableError(error.message) : error;
    }
  };
}

describe('what would not go unnoticed', () => {
  it.each(saboteurs)('is an instrumentation that $what', async ({ surface }) => {
    expect(await runWorkload(surface, everything)).not.toEqual(await runWorkload(bare, everything));
  });
});

const plain = { noNullPrototype: true };
const untimedEndings = endings.filter((ending) => ending !== 'puts off' && ending !== 'slows down');
const untimedOptions = {
  attempts: fc.integer({ min: 0, max: 3 }),
  priority: fc.integer({ min: 0, max: 3 }),
  lifo: fc.boolean(),
  removeOnComplete: fc.boolean(),
  removeOnFail: fc.boolean(),
};
const timedOptions = {
  ...untimedOptions,
  backoff: fc.constantFrom<JobsOptions['backoff']>(3, anHour, { type: 'exponential', delay: 3 }),
  delay: fc.constantFrom(0, 3),
};
const ofASingleJob = {
  jobId: fc.constant('fixed'),
  deduplication: fc.constantFrom({ id: 'a' }, { id: 'b' }),
};
const ofAChild = fc.constantFrom(
  {},
  { failParentOnFailure: true },
  { continueParentOnFailure: true },
  { ignoreDependencyOnFailure: true },
  { removeDependencyOnFailure: true },
);

type Options = fc.Arbitrary<JobsOptions>;
const optional = (fields: object): Options => fc.record(fields, { requiredKeys: [], ...plain });

function jobs(ends: readonly Ending[], opts: Options): fc.Arbitrary<ScriptedJob> {
  const fields = {
    endings: fc.array(fc.constantFrom(...ends), { maxLength: 3 }),
    data: fc.jsonValue({ maxDepth: 1 }),
    opts: fc.option(opts, { nil: undefined }),
  };
  return fc.record(fields, plain);
}

function step<Call extends Step['call']>(call: Call, parts: object): fc.Arbitrary<Step> {
  return fc.record(
    { call: fc.constant(call), ...parts },
    plain,
  ) as fc.Arbitrary<object> as fc.Arbitrary<Step>;
}

function singleSteps(ends: readonly Ending[], options: object): fc.Arbitrary<Step>[] {
  const single = jobs(ends, optional({ ...options, ...ofASingleJob }));
  const many = fc.array(jobs(ends, optional(options)), { maxLength: 3 });
  return [
    step('add', { job: single }),
    step('addBulk', { jobs: many }),
    step('schedule', { job: fc.constant({ endings: [] }) }),
  ];
}

const child = fc.tuple(optional(untimedOptions), ofAChild).map(([opts, more]) => ({ ...opts, ...more }));
const flows = step('addFlow', {
  job: jobs(untimedEndings, optional(untimedOptions)),
  children: fc.array(jobs(untimedEndings, child), { minLength: 1, maxLength: 2 }),
});
const workloads = (...steps: fc.Arbitrary<Step>[]): fc.Arbitrary<Workload> =>
  fc.array(fc.oneof(...steps), { minLength: 1, maxLength: 6 });

describe('any jobs', () => {
  const asBare = async (workload: Workload, { open }: Observation): Promise<void> => {
    expect(await runWorkload(open(), workload)).toEqual(await runWorkload(bare, workload));
  };
  const observation = fc.constantFrom(...observations);

  it('are what they are without us, however they are observed', async () => {
    const untimed = workloads(...singleSteps(untimedEndings, untimedOptions), flows);
    await fc.assert(fc.asyncProperty(untimed, observation, asBare), { numRuns: 30 });
  }, 60_000);

  // No flows: whether a parent meets a child that was put off is a question of milliseconds, without us, too.
  it('are what they are without us when they wait for their time', async () => {
    const timed = workloads(...singleSteps(endings, timedOptions));
    await fc.assert(fc.asyncProperty(timed, observation, asBare), { numRuns: 20 });
  }, 60_000);
});
