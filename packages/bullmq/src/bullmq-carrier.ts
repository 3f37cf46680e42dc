import { formatCarrier, type TraceContext } from '@throughline/core';

/**
 * The job option `telemetry` that makes a job continue `context`: for producers that know their context better than
 * what is active, and for those that add jobs without this package.
 *
 * @param context that of a telemetry which is off gives a carrier that consumers treat as absent
 * @returns a value for `opts.telemetry`; it is kept as it is by everyone who adds the job
 * @example
 * ```ts
 * import { bullmqCarrier, currentJobTrace } from '@throughline/bullmq';
 * import { type Job, Queue } from 'bullmq';
 *
 * const invoices = new Queue('invoices', { connection: { host: '127.0.0.1', port: 6379 } });
 *
 * export async function process(job: Job): Promise<void> {
 *   const context = currentJobTrace(job);
 *   await invoices.add('create', {}, context ? { telemetry: bullmqCarrier(context) } : {});
 * }
 * ```
 */
export function bullmqCarrier(context: TraceContext): { metadata: string } {
  return { metadata: formatCarrier(context) };
}
