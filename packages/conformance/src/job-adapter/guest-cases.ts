import type { Telemetry } from '@throughline/core';
import { createHostileTelemetry, type TelemetryFault, type TelemetryHook } from '@throughline/core/testing';
import { demandSame } from '../suite/demand.ts';
import type { JobAdapterUnderTest } from './job-adapter-harness.ts';
import type { JobAdapterCase } from './job-adapter-world.ts';
import { welcome } from './send-cases.ts';

const faults: readonly (readonly [TelemetryHook, TelemetryFault])[] = [
  ['startSpan', 'throws'],
  ['startSpan', 'returns null'],
  ['activeContext', 'throws'],
  ['withContext', 'throws'],
  ['withContext', 'runs twice'],
  ['span.run', 'throws'],
  ['span.run', 'runs twice'],
  ['span.context', 'throws'],
  ['span.identify', 'throws'],
  ['span.end', 'throws'],
  ['propagation.inject', 'throws'],
  ['propagation.extract', 'throws'],
  ['emitEvent', 'throws'],
  ['isEnabled', 'throws'],
];

/** The telemetry is a guest: the queue goes on as if it were not there. */
export const guestCases: readonly JobAdapterCase[] = [
  {
    id: '11a',
    title: 'changes nothing about jobs when there is no telemetry',
    async run({ open }) {
      demandSame(await story(await open(undefined)), told, 'what became of the jobs');
    },
  },
  {
    id: '11b',
    title: 'changes nothing about jobs when the telemetry fails',
    async run({ open }) {
      for (const [hook, fault] of faults) {
        const telemetry: Telemetry = createHostileTelemetry(hook, fault);
        demandSame(await story(await open(telemetry)), told, `what became of the jobs when ${hook} ${fault}`);
      }
    },
  },
];

/** What becomes of three jobs, and how often each is started. */
async function story(jobs: JobAdapterUnderTest): Promise<unknown> {
  const starts: Record<string, number> = { succeeds: 0, recovers: 0, fails: 0 };
  await jobs.process(async ({ data }) => {
    const start = (starts[String(data)] ?? 0) + 1;
    starts[String(data)] = start;
    if (data === 'fails' || (data === 'recovers' && start === 1)) throw new Error(`failure ${start}`);
    return `${data} at start ${start}`;
  });
  const settlements: unknown[] = [];
  for (const data of Object.keys(starts))
    settlements.push(await jobs.settled(await jobs.send({ ...welcome, data, attempts: 2 })));
  await jobs.close();
  return { settlements, starts };
}

const told = {
  settlements: [{ result: 'succeeds at start 1' }, { result: 'recovers at start 2' }, { error: 'failure 2' }],
  starts: { succeeds: 1, recovers: 2, fails: 2 },
};
