import type { Telemetry } from '@throughline/core';
import {
  createRecordingTelemetry,
  type RecordedSpan,
  type RecordingTelemetry,
} from '@throughline/core/testing';
import { demand } from '../suite/demand.ts';
import type { CaseWorld, ConformanceCase } from '../suite/run-suite.ts';
import type { JobAdapterFeature, JobAdapterHarness, JobAdapterUnderTest } from './job-adapter-harness.ts';

/** A case of the job-adapter suite. */
export type JobAdapterCase = ConformanceCase<JobAdapterWorld, JobAdapterFeature>;

/** What a case of the job-adapter suite works with. */
export interface JobAdapterWorld {
  readonly telemetry: RecordingTelemetry;
  /** A queue that reports to `telemetry`. */
  readonly jobs: JobAdapterUnderTest;
  /** Another queue. */
  open(telemetry: Telemetry | undefined): Promise<JobAdapterUnderTest>;
  /** Waits until exactly `count` spans of that kind have ended, and returns them in the order of their start. */
  ended(kind: 'producer' | 'consumer', count: number): Promise<readonly RecordedSpan[]>;
  /** The one ended span of that kind. */
  only(kind: 'producer' | 'consumer'): Promise<RecordedSpan>;
}

const patienceMs = 2_000;

export async function openJobAdapterWorld(harness: JobAdapterHarness): Promise<JobAdapterWorld & CaseWorld> {
  const opened: JobAdapterUnderTest[] = [];
  const ambient = harness.ambient?.() ?? nothingActive;
  const telemetry = createRecordingTelemetry({ ambient });

  async function open(given: Telemetry | undefined): Promise<JobAdapterUnderTest> {
    const jobs = await harness.open(given);
    opened.push(jobs);
    return jobs;
  }

  async function ended(kind: string, count: number): Promise<readonly RecordedSpan[]> {
    const all = (): RecordedSpan[] => telemetry.spans.filter((span) => span.kind === kind);
    const open = (): number => all().filter(({ endTime }) => endTime === undefined).length;
    await until(() => all().length >= count && open() === 0);
    demand(
      open() === 0,
      `${open()} spans of kind ${kind} have not ended ${patienceMs} ms after their job was settled`,
    );
    demand(all().length === count, `there are ${all().length} spans of kind ${kind}, not ${count}`);
    return all();
  }

  return {
    telemetry,
    jobs: await open(telemetry),
    open,
    ended,
    async only(kind) {
      const [span] = await ended(kind, 1);
      demand(span !== undefined, `there is no span of kind ${kind}`);
      return span;
    },
    async close() {
      for (const each of opened) await Promise.resolve(each.close()).catch(() => {});
    },
  };
}

const nothingActive = {
  run: <T>(_context: unknown, fn: () => T): T => fn(),
  getStore: (): undefined => undefined,
};

/** Waits for a condition, or until it is not to be expected any more: the caller says what is missing. */
async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!holds() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
}
