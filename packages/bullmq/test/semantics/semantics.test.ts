import { fileURLToPath } from 'node:url';
import { noopTelemetry, type Telemetry } from '@throughline/core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ambientRecording } from '../support/job-world.ts';
import { bare, dropIns, layers, type Surface, throwingTelemetry } from '../support/surfaces.ts';
import { runWorkload } from './run-workload.ts';
import { endings, type ScriptedJob, type Step, type Workload } from './workload.ts';

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

const jobOptions = fc.record(
  {
    attempts: fc.integer({ min: 0, max: 3 }),
    backoff: fc.constantFrom(3, anHour, { type: 'exponential', delay: 3 }),
    delay: fc.constantFrom(0, 3),
    priority: fc.integer({ min: 0, max: 3 }),
    lifo: fc.boolean(),
    removeOnComplete: fc.boolean(),
    removeOnFail: fc.boolean(),
  },
  { requiredKeys: [] },
);
const alone = fc.record(
  { jobId: fc.constant('fixed'), deduplication: fc.constantFrom({ id: 'a' }, { id: 'b' }) },
  { requiredKeys: [] },
);
const ofAFlow = fc.constantFrom(
  {},
  { failParentOnFailure: true },
  { continueParentOnFailure: true },
  { ignoreDependencyOnFailure: true },
  { removeDependencyOnFailure: true },
);

function jobs(...more: readonly fc.Arbitrary<object>[]): fc.Arbitrary<ScriptedJob> {
  const opts = fc.tuple(jobOptions, ...more).map((parts) => Object.assign({}, ...parts) as object);
  return fc.record({
    endings: fc.array(fc.constantFrom(...endings), { maxLength: 3 }),
    data: fc.jsonValue({ maxDepth: 1 }),
    opts: fc.option(opts, { nil: undefined }),
  });
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ call: fc.constant('add' as const), job: jobs(alone) }),
  fc.record({ call: fc.constant('addBulk' as const), jobs: fc.array(jobs(), { maxLength: 3 }) }),
  fc.record({
    call: fc.constant('addFlow' as const),
    job: jobs(),
    children: fc.array(jobs(ofAFlow), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ call: fc.constant('schedule' as const), job: fc.constant({ endings: [] }) }),
);

describe('any jobs', () => {
  it('are what they are without us, however they are observed', async () => {
    const run = async (workload: Workload, { open }: Observation): Promise<void> => {
      expect(await runWorkload(open(), workload)).toEqual(await runWorkload(bare, workload));
    };
    const anyWorkload = fc.array(steps, { minLength: 1, maxLength: 6 });
    await fc.assert(fc.asyncProperty(anyWorkload, fc.constantFrom(...observations), run), { numRuns: 40 });
  }, 60_000);
});
