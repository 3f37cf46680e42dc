import { OptionInvalidError } from '@throughline/core';
import { runSuite } from '../suite/run-suite.ts';
import { guestCases } from './guest-cases.ts';
import { type JobAdapterHarness, lackingJobAdapterFeatures } from './job-adapter-harness.ts';
import { type JobAdapterCase, openJobAdapterWorld } from './job-adapter-world.ts';
import { processCases } from './process-cases.ts';
import { sendCases } from './send-cases.ts';

/** Every case of the suite, by the number of the MUST at `JobAdapterUnderTest` that it proves. */
export const jobAdapterCases: readonly JobAdapterCase[] = [...sendCases, ...processCases, ...guestCases];

/**
 * Registers the tests that any adapter for a job queue must pass: send, process, retry and settlement are one trace, and
 * the queue behaves as without it. The number of a test is that of the MUST at {@link JobAdapterUnderTest}.
 *
 * @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID`
 * @example
 * ```ts
 * import { AsyncLocalStorage } from 'node:async_hooks';
 * import { test } from 'node:test';
 * import { type JobAdapterUnderTest, testJobAdapter } from '@throughline/conformance';
 * import type { Telemetry } from '@throughline/core';
 *
 * declare function openQueue(telemetry: Telemetry | undefined): Promise<JobAdapterUnderTest>; // yours
 *
 * testJobAdapter({ test, open: openQueue, ambient: () => new AsyncLocalStorage() });
 * ```
 */
export function testJobAdapter(harness: JobAdapterHarness): void {
  const { open } = harness ?? {};
  if (typeof open !== 'function')
    throw new OptionInvalidError(
      'testJobAdapter.open',
      open,
      'a function that makes a queue with your adapter',
    );
  runSuite(
    {
      name: 'JobAdapter',
      cases: jobAdapterCases,
      lacking: lackingJobAdapterFeatures(harness),
      open: () => openJobAdapterWorld(harness),
    },
    harness,
  );
}
