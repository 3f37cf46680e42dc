import type { AmbientContext, JsonValue, Telemetry } from '@throughline/core';
import type { SuiteOptions } from '../suite/run-suite.ts';
import type { Awaitable } from '../suite/test-function.ts';

/** A job as it is sent. */
export interface SentJob {
  readonly name: string;
  /** The payload. */
  readonly data: JsonValue;
  /** How often it may fail before it has failed for good: 1 means no retry. */
  readonly attempts: number;
}

/** A job as its processor sees it. */
export interface StartedJob {
  readonly id: string;
  readonly data: JsonValue;
}

/** What a job does. It rejects when the start fails. */
export type JobProcessor = (job: StartedJob) => Promise<JsonValue>;

/** How a job ended for good: with the result of its last start, or the message of its last error. */
export type JobSettlement = { readonly result: JsonValue } | { readonly error: string };

/**
 * An empty queue with an adapter on both of its ends, which report to one telemetry.
 *
 * The numbered sentences are what an adapter for a queue has to do; the suite has a case for each number.
 */
export interface JobAdapterUnderTest {
  /**
   * Sends a job, in the way that the adapter observes.
   *
   * 1. MUST record one span of kind `producer` for each job, as a child of what is active where it is sent.
   * 2. MUST carry the context of that span beside the payload, which it leaves as it is.
   *
   * @returns the id of the job
   */
  send(job: SentJob): Promise<string>;
  /**
   * Starts a worker that the adapter observes. Called once; jobs that were sent before are processed, too.
   *
   * 3. MUST record one span of kind `consumer` for each start of a job, as a child of the job's `producer` span: a remote
   *    one, in one trace.
   * 4. MUST record the outcome of each start: `ok`, `retry` when it failed and another start follows, `error` when it failed
   *    for good; a failure with the very error that the processor threw. A start after a failed one MUST link to it with
   *    relation `retry_of` where the same process ran both.
   * 5. MUST name the work in both kinds of span by one subject and entity (system, queue, name, id), and number the starts
   *    by `entity.attempt` from 1.
   * 6. MUST call the processor once for each start, with the span active, where that can be known.
   * 7. MUST keep jobs apart that are sent and processed at the same time.
   * 8. MUST have ended every span soon after the job is settled.
   */
  process(processor: JobProcessor): Awaitable<unknown>;
  /** Resolves when the job has ended for good. */
  settled(id: string): Promise<JobSettlement>;
  /**
   * Sends a job without the adapter, as an old producer does, with this text where the adapter keeps its carriers.
   *
   * 9. MUST process a job without a carrier, or with one that cannot be believed, in a new trace; and in a new trace that
   *    links to it, when the carrier says `"relation":"link"`.
   */
  sendBare?: ((job: SentJob, carrier: string | undefined) => Promise<string>) | undefined;
  /**
   * Sends a job that the queue refuses; rejects as the queue does.
   *
   * 10. MUST record such a send as `error` with the very error, and hand that on.
   */
  sendRefused?: (() => Promise<unknown>) | undefined;
  /** Ends worker and producer, and removes the queue. */
  close(): Promise<unknown>;
}

/** What cannot be shown with an adapter, or its queue. Absent means it can. */
export interface JobAdapterCapabilities {
  /** There is `sendBare`. */
  readonly bare?: false | undefined;
  /** There is `sendRefused`. */
  readonly refused?: false | undefined;
}

/** How the suite gets at a job adapter of yours. */
export interface JobAdapterHarness extends SuiteOptions {
  /**
   * Makes an empty queue with the adapter on both ends.
   *
   * 11. MUST change nothing about jobs when there is no telemetry, or when it fails: results, errors, number of starts.
   */
  open(telemetry: Telemetry | undefined): Awaitable<JobAdapterUnderTest>;
  /** Makes what carries the active context along: `() => new AsyncLocalStorage()`. @default nothing is active */
  readonly ambient?: (() => AmbientContext) | undefined;
  readonly capabilities?: JobAdapterCapabilities | undefined;
}

/** What a case may need. */
export type JobAdapterFeature = keyof JobAdapterCapabilities | 'ambient';

/** Why a feature is not offered. */
export function lackingJobAdapterFeatures({
  ambient,
  capabilities = {},
}: JobAdapterHarness): Partial<Record<JobAdapterFeature, string>> {
  const lacking: Partial<Record<JobAdapterFeature, string>> = {};
  if (capabilities.bare === false) lacking.bare = 'capabilities.bare is false';
  if (capabilities.refused === false) lacking.refused = 'capabilities.refused is false';
  if (ambient === undefined) lacking.ambient = 'the harness has no ambient';
  return lacking;
}
