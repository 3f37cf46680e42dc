import type { JobTelemetryOptions } from '../job/observed-job.ts';
import { carrierAmongOptions } from './foreign-carriers.ts';

/** Options of a job, as a worker or a sandbox has them. */
export interface CarryingOptions {
  readonly telemetry?: JobTelemetryOptions | undefined;
}

/** The carrier in the options of a job. Inside a sandbox, BullMQ 5 leaves it under the name it has in Redis. */
export function carriedMetadata(opts: CarryingOptions | undefined): unknown {
  return (
    opts?.telemetry?.metadata ??
    (opts as { readonly tm?: unknown } | undefined)?.tm ??
    carrierAmongOptions(opts)
  );
}
