import { wellFormed } from '../events/json-text.ts';
import { formatTimestamp } from '../events/timestamp.ts';
import type { StoredLink, TraceEvent, TraceEventData } from '../events/trace-event.ts';
import { ATTR_EXCEPTION_STACKTRACE } from '../semantic-conventions/exception.ts';
import * as ours from '../semantic-conventions/otlp.ts';
import {
  ATTR_THROUGHLINE_ATTEMPT,
  ATTR_THROUGHLINE_MAX_ATTEMPTS,
} from '../semantic-conventions/throughline.ts';
import type { JsonObject } from '../telemetry/attributes.ts';
import { storedOutcome } from '../telemetry/stored-outcome.ts';
import { asList, asNumber, asText } from '../trace-graph/event-data.ts';
import { free, phaseOf } from '../trace-graph/phase.ts';
import type { ImportedSpan, ImportedSpanEvent } from './imported-span.ts';
import { nameOf } from './name-of-span.ts';
import { SAMPLED } from './otlp-codes.ts';
import { claimOf, type SpanClaim } from './span-claim.ts';
import { entityOf, messageSubject, messagingSystem } from './work-of-span.ts';

type DraftData = { -readonly [K in keyof TraceEventData]: TraceEventData[K] };

/** How an imported span is told. */
export interface TellOptions {
  readonly recordStacks: boolean;
  /** Whether this is the first span of its process in its trace, which tells the resource. */
  readonly withResource: boolean;
  /** The earlier request that this one repeats. */
  readonly repeats: StoredLink | undefined;
  /** Whether it passed a failure on to a client. */
  readonly isRefused: boolean;
}

/**
 * The events that event telemetry would have stored of the same span.
 *
 *   producer           one subject:queued
 *   point              one event of its type
 *   every other kind   subject:started ─ subject:progress … ─ subject:<phase of the outcome>, unless it is open
 *
 * Ids of events follow from the ids of the span, so that a second import adds nothing.
 */
export function eventsOf(span: ImportedSpan, options: TellOptions): readonly TraceEvent[] {
  const claim = claimOf(span, options.isRefused, options.recordStacks);
  const name = nameOf(span);
  const work = workData(span);
  const subject = subjectOf(span, work, name);
  const head = { name, kind: span.kind, ...work, ...headData(span, options) };
  const onlyType = pointType(span) ?? (span.kind === 'producer' ? `${subject}:queued` : undefined);
  if (onlyType !== undefined) return [onlyEvent(span, onlyType, head, claim, options)];
  const started = eventOf(span, 'start', `${subject}:started`, span.startTime, head);
  const progress = span.events.flatMap((told, index) => {
    if (told === claim.exception) return [];
    const data = { name: told.name, attributes: kept(told.attributes, options) };
    return eventOf(span, `event-${index}`, `${subject}:progress`, told.time ?? span.startTime, data);
  });
  if (span.endTime === undefined || span.attributes[ours.ATTR_THROUGHLINE_OPEN] === true)
    return [started, ...progress];
  const { phase } = storedOutcome(claim.outcome);
  const end = { ...endData(claim), ...work };
  return [started, ...progress, eventOf(span, 'end', `${subject}:${phase}`, span.endTime, end, claim)];
}

/** One event is all there is of a send or a point, so it has to tell everything. */
function onlyEvent(
  span: ImportedSpan,
  type: string,
  head: DraftData,
  claim: SpanClaim,
  options: TellOptions,
): TraceEvent {
  const { startTime = Number.NaN, endTime = Number.NaN } = span;
  const told = span.events.filter((event) => event !== claim.exception);
  const data: DraftData = { ...head, ...endData(claim) };
  if (told.length > 0) data.events = told.map((event) => toldWithin(event, options));
  if (endTime > startTime) data.duration_ms = Math.round((endTime - startTime) * 1000) / 1000;
  return eventOf(span, 'start', type, span.startTime, data, claim);
}

function toldWithin({ name, time, attributes }: ImportedSpanEvent, options: TellOptions): JsonObject {
  const timestamp = time === undefined ? undefined : { timestamp: formatTimestamp(time) };
  return { name, attributes: kept(attributes, options), ...timestamp };
}

function eventOf(
  { traceId, spanId, parentSpanId, origin, attributes }: ImportedSpan,
  part: string,
  type: string,
  time: number | undefined,
  data: DraftData,
  claim?: SpanClaim,
): TraceEvent {
  const isUndated = time === undefined || attributes[ours.ATTR_THROUGHLINE_UNDATED] === true;
  const status = claim?.isStated ? storedOutcome(claim.outcome).status : undefined;
  const tags = part === 'start' ? asList(attributes[ours.ATTR_THROUGHLINE_TAGS]).filter(isText) : [];
  return {
    trace_id: traceId,
    span_id: spanId,
    ...(parentSpanId !== undefined && { parent_span_id: parentSpanId }),
    event_type: type,
    timestamp: isUndated ? '' : formatTimestamp(time),
    ...(status !== undefined && { status }),
    data,
    ...(tags.length > 0 && { tags }),
    event_id: `${traceId}-${spanId}-${part}`,
    ...(origin.source !== undefined && { source: origin.source }),
  };
}

function headData(span: ImportedSpan, options: TellOptions): DraftData {
  const { attributes, origin, dropped, links, traceState, traceFlags } = span;
  const { repeats } = options;
  const data = sagaData(span);
  const own = kept(attributes, options);
  if (Object.keys(own).length > 0) data.attributes = own;
  if (links.length > 0 || repeats !== undefined)
    data.links = repeats === undefined ? links : [...links, repeats];
  if (options.withResource && Object.keys(origin.resource).length > 0) data.resource = origin.resource;
  if (origin.scope !== undefined) data.scope = origin.scope;
  if (traceState !== '') data.trace_state = traceState;
  if (traceFlags !== undefined && traceFlags !== SAMPLED) data.trace_flags = traceFlags;
  if (dropped !== undefined) data.dropped = { ...dropped };
  return data;
}

function endData({ outcome, isStated, error }: SpanClaim): DraftData {
  if (!isStated) return {};
  const { final } = storedOutcome(outcome);
  return { outcome, ...(final === false && { final }), ...(error !== undefined && { error }) };
}

function workData(span: ImportedSpan): DraftData {
  const entity = entityOf(span);
  const attempt = asNumber(span.attributes[ATTR_THROUGHLINE_ATTEMPT]);
  const maxAttempts = asNumber(span.attributes[ATTR_THROUGHLINE_MAX_ATTEMPTS]);
  return {
    ...(entity !== undefined && { entity }),
    ...(attempt !== undefined && { attempt }),
    ...(maxAttempts !== undefined && { max_attempts: maxAttempts }),
  };
}

/** The link says what `traced` undid where nothing else does. */
function sagaData({ attributes, links }: ImportedSpan): DraftData {
  const undone = links.find(({ relation }) => relation === 'compensates');
  const original = asText(attributes[ours.ATTR_THROUGHLINE_ORIGINAL_SPAN_ID]) ?? undone?.span_id;
  const compensation = attributes[ours.ATTR_THROUGHLINE_COMPENSATION];
  return {
    ...(attributes[ours.ATTR_THROUGHLINE_STEP] === true && { step: true }),
    ...((compensation === 'none' || compensation === 'required') && { compensation }),
    ...(original !== undefined && { original_span_id: original }),
  };
}

/** Readers refuse longer types of events. */
const maxSubjectLength = 1000;

function subjectOf({ attributes }: ImportedSpan, { entity }: DraftData, name: string): string {
  const system = entity && messagingSystem(attributes);
  const known = system === undefined ? name : messageSubject(system);
  const subject = asText(attributes[ours.ATTR_THROUGHLINE_SUBJECT]) ?? (known || 'span');
  return wellFormed(subject.slice(0, maxSubjectLength));
}

const pointName = /^[\w.-]+(?::[\w.-]+)+$/;

/** `recordEvent` writes a point to OpenTelemetry as a span without length that is called `ai:decision`. */
function pointType({ kind, name, startTime, endTime, attributes }: ImportedSpan): string | undefined {
  const stated = asText(attributes[ours.ATTR_THROUGHLINE_EVENT_TYPE]);
  if (stated !== undefined) return wellFormed(stated.slice(0, maxSubjectLength));
  const isMoment = kind === 'internal' && startTime !== undefined && startTime === endTime;
  return isMoment && name.length <= maxSubjectLength && pointName.test(name) && phaseOf(name) === free
    ? name
    : undefined;
}

const carried: ReadonlySet<string> = /* @__PURE__ */ new Set(Object.values(ours));

/** Attributes without those that are fields of the event now, and without stacks unless they are wanted. */
function kept(attributes: JsonObject, { recordStacks }: TellOptions): JsonObject {
  const isKept = ([name]: readonly [string, unknown]): boolean =>
    !carried.has(name) && (recordStacks || name !== ATTR_EXCEPTION_STACKTRACE);
  return Object.fromEntries(Object.entries(attributes).filter(isKept));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
