import { type Telemetry as HostTelemetry, SpanKind } from 'bullmq';
import { HostSendSpan } from '../host-telemetry/host-send-span.ts';
import type { TracedQueue } from '../job/traced-queue.ts';
import { carriedBy } from '../settings/carried-telemetry.ts';

/** What is read of BullMQ's own `JobScheduler`. */
interface Scheduler {
  readonly opts: { telemetry?: HostTelemetry };
}

/**
 * BullMQ sets a schedule up through an object of its own, which traces by the options it was made with. In those of a
 * queue the `send` span of an upsert is put there: its carrier, which every tick brings along, asks for a link.
 */
export function traceUpserts<S extends Scheduler>(scheduler: S, queue: TracedQueue): S {
  const host = scheduler.opts.telemetry;
  const carried = carriedBy(host);
  if (host === undefined || carried === undefined) return scheduler;
  const tracer: HostTelemetry['tracer'] = {
    startSpan: (name, options, context) =>
      options?.kind === SpanKind.PRODUCER
        ? new HostSendSpan(carried.telemetry, () => queue, name, 'link')
        : host.tracer.startSpan(name, options, context),
  };
  const { contextManager } = host;
  Object.assign(scheduler.opts, { telemetry: { tracer, contextManager } });
  return scheduler;
}

/** A worker that takes up a tick adds the next one. That is nobody's `send`: it happens as often as the schedule ticks. */
export function hideNextTicks<S extends Scheduler>(scheduler: S): S {
  if (carriedBy(scheduler.opts.telemetry)) Object.assign(scheduler.opts, { telemetry: undefined });
  return scheduler;
}
