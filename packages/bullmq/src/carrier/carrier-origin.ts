import {
  ATTR_THROUGHLINE_ORIGIN_TRACE_ID,
  ATTR_THROUGHLINE_RELATION,
  type CarriedRelation,
  readCarrier,
  type SpanOptions,
  type SpanRelation,
  type Telemetry,
  type TraceContext,
} from '@throughline/core';
import type { ObservedJob } from '../job/observed-job.ts';
import type { BullmqSettings } from '../settings/bullmq-settings.ts';
import { contextIn } from './foreign-carriers.ts';
import { type RelatedJob, relationOfJob } from './relation.ts';
import { isOfSchedule } from './scheduled-carriers.ts';

/** Where a consumed job came from: its part of a span's options. */
export type CarrierOrigin = Pick<SpanOptions, 'parent' | 'links' | 'attributes'>;

/** No carrier, or none that can be believed: a trace of its own, never what happens to be active in the worker. */
export const newTrace: CarrierOrigin = Object.freeze({ parent: null });

/**
 * What the carrier of a job says about its origin. Total: a carrier of any shape gives an answer, and one that is not
 * believed is counted by the telemetry (`telemetryHealth(telemetry).rejectedCarriers`).
 *
 * @param job absent where BullMQ tells no more than the carrier
 */
export function originOf(
  telemetry: Telemetry,
  settings: BullmqSettings,
  metadata: unknown,
  job?: ObservedJob,
): CarrierOrigin {
  if (!metadata) return newTrace;
  const context = contextIn(telemetry, metadata);
  if (context === undefined) return newTrace;
  if (job ? Boolean(job.repeatJobKey) : isOfSchedule(metadata)) return linkedTo(context, 'scheduled_by');
  const relation = relationOfJob(telemetry, settings.relation, job as RelatedJob | undefined);
  const decided = relation === 'auto' ? (wordIn(metadata) ?? decide(settings, job)) : relation;
  return decided === 'link' ? linkedTo(context, 'produced_by') : { parent: context };
}

/** A root that says where it came from, by a link and by an attribute that can be searched. */
function linkedTo(context: TraceContext, relation: SpanRelation): CarrierOrigin {
  return {
    parent: null,
    links: [{ context, relation }],
    attributes: { [ATTR_THROUGHLINE_ORIGIN_TRACE_ID]: context.traceId, [ATTR_THROUGHLINE_RELATION]: 'link' },
  };
}

/** The producer's wish. A carrier is read again only when it can have one. */
function wordIn(metadata: unknown): CarriedRelation | undefined {
  if (typeof metadata === 'string' && !metadata.includes('relation')) return undefined;
  const reading = readCarrier(metadata);
  return reading.context === undefined ? undefined : reading.relation;
}

/** A job that another one waits for stays in its trace, however long its delay. */
function decide({ delayThresholdMs }: BullmqSettings, job: ObservedJob | undefined): CarriedRelation {
  const delay = job?.opts?.delay;
  return delay !== undefined && delay > delayThresholdMs && !job?.parentKey ? 'link' : 'parent';
}
