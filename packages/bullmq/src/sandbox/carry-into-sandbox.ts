import type { Telemetry, TraceContext } from '@throughline/core';
import { carrierText } from '../carrier/carrier-text.ts';
import type { JobTelemetryOptions } from '../job/observed-job.ts';

/** The job of a sandboxed processor, in the process of its worker. */
export interface SandboxedJobHost {
  readonly opts: { telemetry?: JobTelemetryOptions };
}

/**
 * Calls a sandboxed processor. BullMQ hands a copy of the job to the sandbox; in that copy the carrier is that of the
 * running `process` span, instead of the span that sent the job.
 *
 * Only the job object in memory is changed, and only until the call has settled: a sandbox that has to be started first
 * gets its copy later. Nothing that BullMQ writes while a job runs contains its options.
 */
export function carryIntoSandbox<T>(
  telemetry: Telemetry,
  context: TraceContext,
  { opts }: SandboxedJobHost,
  call: () => Promise<T>,
): Promise<T> {
  const metadata = carrierText(telemetry, context);
  if (metadata === undefined) return call();
  const own = opts.telemetry;
  opts.telemetry = { ...own, metadata };
  const restore = (): void => {
    if (own === undefined) delete opts.telemetry;
    else opts.telemetry = own;
  };
  const settled = call();
  settled.then(restore, restore);
  return settled;
}
