import type { Telemetry, TraceContext } from '@throughline/core';
import type { JobTelemetryOptions, ObservedJobOptions } from '../job/observed-job.ts';
import { carriedRelation, type SentJob } from './carried-relation.ts';
import { carrierText } from './carrier-text.ts';

/** What the caller says about the carrier of a job: in its own options, else in the defaults of its queue. */
export function ownTelemetryOf(
  opts: ObservedJobOptions | null | undefined,
  defaults: ObservedJobOptions | undefined,
): JobTelemetryOptions | undefined {
  return opts?.telemetry ?? defaults?.telemetry;
}

/**
 * Options with the carrier of `context`, in a new object: what the caller gave stays as it is.
 *
 * The very same options come back when the caller brought a carrier or does not want one.
 *
 * @param own the option `telemetry` that holds for the job
 */
export function withCarrier<Options extends ObservedJobOptions>(
  job: SentJob<Options>,
  own: JobTelemetryOptions | undefined,
  context: TraceContext,
): Options | undefined {
  const { telemetry, opts } = job;
  if (own?.metadata || own?.omitContext) return opts;
  const metadata = carrierText(telemetry, context, carriedRelation(job, own));
  if (metadata === undefined) return opts;
  // A key that is new after a spread costs V8 ten times as much as one that was there before it.
  const carrying = { telemetry: own, ...opts };
  carrying.telemetry = own === undefined ? { metadata } : { ...own, metadata };
  return withInherited(carrying, opts) as Options;
}

/** BullMQ looks at these before it copies the options, so it also finds those of a class or of a prototype. */
const inheritable = ['jobId', 'parent', 'repeat'] as const;

function withInherited(copy: ObservedJobOptions, opts: ObservedJobOptions | undefined): ObservedJobOptions {
  if (!hasPrototypeOfItsOwn(opts)) return copy;
  const inherited = inheritable.filter((name) => name in opts && !Object.hasOwn(opts, name));
  return { ...copy, ...Object.fromEntries(inherited.map((name) => [name, opts[name]])) };
}

function hasPrototypeOfItsOwn(opts: ObservedJobOptions | null | undefined): opts is ObservedJobOptions {
  if (typeof opts !== 'object' || opts === null) return false;
  const prototype: unknown = Object.getPrototypeOf(opts);
  return prototype !== Object.prototype && prototype !== null;
}

/**
 * The parent of a `send` span that no active context gives: the carrier the caller brought, so that the span is part
 * of the trace the job will continue.
 */
export function parentFromOwnCarrier(
  telemetry: Telemetry,
  own: JobTelemetryOptions | undefined,
): TraceContext | undefined {
  if (!own?.metadata || telemetry.activeContext()) return undefined;
  return telemetry.propagation.extract(own.metadata);
}
