import type { Telemetry as HostTelemetry } from 'bullmq';
import { carrying } from './carried-telemetry.ts';
import { HostContexts } from './host-contexts.ts';
import { HostTracer } from './host-tracer.ts';
import { portOf, type TelemetrySource } from './port-of.ts';

/** How {@link bullmqTelemetry} behaves. */
export interface BullmqTelemetryOptions {
  /**
   * Key prefix of the queues, as given to BullMQ. It is part of the queue's name in stored events, and BullMQ does not
   * tell it to a telemetry object.
   *
   * @default 'bull'
   */
  readonly prefix?: string | undefined;
  /**
   * Whether BullMQ's INTERNAL operations (`complete`, `extendLocks`, `moveStalledJobsToWait`, `pause` …) become spans,
   * too. Several of them run per job or on a timer.
   *
   * @default false
   */
  readonly internalSpans?: boolean | undefined;
}

/**
 * An object for BullMQ's own `telemetry` option: for applications that construct BullMQ's classes, or leave that to a
 * framework. It gives one `send` and one `process` span per job in one trace, and BullMQ keeps the carrier in the job's
 * options.
 *
 * BullMQ calls its telemetry on the critical path and does not protect itself, so every member is total: no telemetry,
 * no carrier of any shape and no order of calls makes one throw.
 *
 * BullMQ tells this object little of a failure: its message, not the error. Add {@link observeWorker} or
 * {@link wrapProcessor} for the error itself, attempt numbers, queue wait, and outcomes such as `delayed`; or use the
 * drop-in classes, which do it all.
 *
 * @param telemetry where everything goes; resolved once, here
 * @throws TelemetryInvalidError when `telemetry` is not an object
 * @example
 * ```ts
 * import { bullmqTelemetry } from '@throughline/bullmq';
 * import { createOtelTelemetry } from '@throughline/otel';
 * import { Queue } from 'bullmq';
 *
 * const queue = new Queue('mail', {
 *   connection: { host: '127.0.0.1', port: 6379 },
 *   telemetry: bullmqTelemetry(createOtelTelemetry()),
 * });
 * await queue.close();
 * ```
 * @see {@link https://docs.bullmq.io/guide/telemetry | BullMQ: Telemetry}
 */
export function bullmqTelemetry(
  telemetry: TelemetrySource,
  { prefix = 'bull', internalSpans = false }: BullmqTelemetryOptions = {},
): HostTelemetry {
  const port = portOf(telemetry);
  const host = {
    tracer: new HostTracer(port, prefix, internalSpans),
    contextManager: new HostContexts(port),
  };
  return carrying(host, { telemetry: port, internalSpans });
}
