import {
  ATTR_THROUGHLINE_ORIGIN_TRACE_ID,
  ATTR_THROUGHLINE_RELATION,
  type Attributes,
  type CarriedRelation,
  readCarrier,
  type SpanLink,
  type SpanRelation,
  type Telemetry,
  type TraceContext,
} from '@throughline/core';
import type { CarriedTrace } from '../execution/carried-traces.ts';
import type { Execution } from '../execution/execution.ts';
import { type Relation, relationOfTask } from './relation.ts';
import type { TelemetrySettings } from './telemetry-settings.ts';

/** Where an execution that runs comes from: its part of a span's options. */
export interface Origin {
  /** `null`: a trace of its own, never what happens to be active in the worker. */
  readonly parent: TraceContext | null;
  readonly links: readonly SpanLink[] | undefined;
}

/** Nobody sent a carrier, or none that can be believed. */
export const newTrace: Origin = Object.freeze({ parent: null, links: undefined });

/**
 * What the carrier of an execution says about its origin. Total: a carrier of any shape gives an answer, and one that is not
 * believed is counted by the telemetry (`telemetryHealth(telemetry).rejectedCarriers`).
 *
 * @param isScheduled an occurrence of a schedule is never part of the trace that set it up
 */
export function originOf(
  telemetry: Telemetry,
  settings: TelemetrySettings,
  [enqueuedAt, dueAt, carrier]: CarriedTrace,
  execution: Execution,
  isScheduled: boolean,
): Origin {
  if (carrier === null || carrier === undefined) return newTrace;
  const context = telemetry.propagation.extract(carrier);
  if (context === undefined) return newTrace;
  if (isScheduled) return linkedTo(context, 'scheduled_by');
  const relation = settledRelation(telemetry, settings, execution);
  const isLate = dueAt - enqueuedAt > settings.delayThresholdMs;
  const decided = relation === 'auto' ? (wordIn(carrier) ?? (isLate ? 'link' : 'parent')) : relation;
  return decided === 'link' ? linkedTo(context, 'produced_by') : { parent: context, links: undefined };
}

/** What a function looks at is made only for one. */
function settledRelation(
  telemetry: Telemetry,
  { relation }: TelemetrySettings,
  { task, payload }: Execution,
): Relation {
  if (typeof relation !== 'function') return relation;
  return relationOfTask(telemetry, relation, { name: task.name, queue: task.task.queue, payload });
}

function linkedTo(context: TraceContext, relation: SpanRelation): Origin {
  return { parent: null, links: [{ context, relation }] };
}

/** By which a root that links to its sender can be searched. Made only for a span that records. */
export function originAttributes({ links }: Origin): Attributes | undefined {
  const traceId = links?.[0]?.context.traceId;
  if (traceId === undefined) return undefined;
  return { [ATTR_THROUGHLINE_ORIGIN_TRACE_ID]: traceId, [ATTR_THROUGHLINE_RELATION]: 'link' };
}

/** What the sender asked for; of a carrier that was believed. */
function wordIn(carrier: unknown): CarriedRelation | undefined {
  const word: unknown =
    typeof carrier === 'object' && carrier !== null ? Reflect.get(carrier, 'relation') : wordInText(carrier);
  return word === 'link' || word === 'parent' ? word : undefined;
}

function wordInText(carrier: unknown): unknown {
  if (typeof carrier !== 'string' || !carrier.includes('relation')) return undefined;
  const reading = readCarrier(carrier);
  return reading.context === undefined ? undefined : reading.relation;
}
