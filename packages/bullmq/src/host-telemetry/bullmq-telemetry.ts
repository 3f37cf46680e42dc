import type { Telemetry as HostTelemetry } from 'bullmq';
import { type BullmqTelemetryOptions, resolveSettings } from '../settings/bullmq-settings.ts';
import { carrying } from '../settings/carried-telemetry.ts';
import { portOf, type TelemetrySource } from '../settings/port-of.ts';
import { HostContexts } from './host-contexts.ts';
import { HostMeter } from './host-meter.ts';
import { HostTracer } from './host-tracer.ts';

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
 * @param options read once, here
 * @throws TelemetryInvalidError when `telemetry` is not an object
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for an option that cannot be meant
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
export function bullmqTelemetry(telemetry: TelemetrySource, options?: BullmqTelemetryOptions): HostTelemetry {
  const port = portOf(telemetry);
  const settings = resolveSettings(options);
  const host: HostTelemetry = {
    tracer: new HostTracer(port, settings),
    contextManager: new HostContexts(port, settings),
    ...(settings.names === 'bullmq-otel' && { meter: new HostMeter(port) }),
  };
  return carrying(host, { telemetry: port, settings });
}
