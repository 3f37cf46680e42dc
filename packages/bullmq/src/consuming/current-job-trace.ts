import { extractTraceContext, type TraceContext } from '@throughline/core';
import { type CarryingOptions, carriedMetadata } from '../carrier/carried-metadata.ts';
import { attempts } from './attempt-registry.ts';

/** What {@link currentJobTrace} needs of a job; every BullMQ job fits. */
export interface TraceableJob {
  readonly opts?: CarryingOptions | undefined;
}

/**
 * The trace context of a job: of its `process` span while this process runs it, otherwise the one in the job's carrier.
 * Inside the sandbox of a drop-in `Worker` the carrier is that of the `process` span.
 *
 * For log fields (`traceFields(currentJobTrace(job))`), and to hand the thread on where nothing is active: a telemetry
 * without an ambient context, a sandboxed processor, work that outlives the job.
 *
 * @returns `undefined` for a job without either
 * @example
 * ```ts
 * import { currentJobTrace } from '@throughline/bullmq';
 * import type { Job } from 'bullmq';
 *
 * export async function process(job: Job): Promise<void> {
 *   console.log('started', { traceId: currentJobTrace(job)?.traceId });
 * }
 * ```
 */
export function currentJobTrace(job: TraceableJob): TraceContext | undefined {
  return attempts.get(job)?.span.context ?? extractTraceContext(carriedMetadata(job.opts));
}
