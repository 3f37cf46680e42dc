/**
 * Names under which OTLP carries what stored events say and OpenTelemetry has no field for. Written by `toOtlp`, read
 * by `fromOtlp`. They follow the version of this package.
 *
 * @module
 */

/** One stored event as JSON text, on a span event: what makes the way back lossless. */
export const ATTR_THROUGHLINE_EVENT = 'throughline.event';
/** How many stored events a span carries, so that a reader sees when some were cut off on the way. */
export const ATTR_THROUGHLINE_EVENTS = 'throughline.events';
/** The type of the only event of a point. */
export const ATTR_THROUGHLINE_EVENT_TYPE = 'throughline.event_type';
/** What the types of the events begin with. */
export const ATTR_THROUGHLINE_SUBJECT = 'throughline.subject';
/** `true`: the span had not ended when it was exported; its end time is the last instant known. */
export const ATTR_THROUGHLINE_OPEN = 'throughline.open';
/** `true`: no event of the span has a readable time; its times are those of what is around it. */
export const ATTR_THROUGHLINE_UNDATED = 'throughline.undated';
/** The clock domain of the events: a process. On the resource. */
export const ATTR_THROUGHLINE_SOURCE = 'throughline.source';
/** Tags of the events. */
export const ATTR_THROUGHLINE_TAGS = 'throughline.tags';
/** The system that owns the work. */
export const ATTR_THROUGHLINE_ENTITY_SYSTEM = 'throughline.entity.system';
/** The qualified queue of the work. */
export const ATTR_THROUGHLINE_ENTITY_QUEUE = 'throughline.entity.queue';
/** The job or task name of the work. */
export const ATTR_THROUGHLINE_ENTITY_NAME = 'throughline.entity.name';
/** The id of the work within its system and queue. */
export const ATTR_THROUGHLINE_ENTITY_ID = 'throughline.entity.id';
/** `true`: the span is a step of a saga although its subject does not say so. */
export const ATTR_THROUGHLINE_STEP = 'throughline.step';
/** `none`: nothing of this step has to be undone. */
export const ATTR_THROUGHLINE_COMPENSATION = 'throughline.compensation';
/** The span that this one undoes. */
export const ATTR_THROUGHLINE_ORIGINAL_SPAN_ID = 'throughline.original_span_id';
/** A trace id that is no W3C id, as it was stored. */
export const ATTR_THROUGHLINE_TRACE_ID = 'throughline.trace_id';
/** A span id that is no W3C id, as it was stored. */
export const ATTR_THROUGHLINE_SPAN_ID = 'throughline.span_id';
/** A parent's id that is no W3C id, as it was stored. */
export const ATTR_THROUGHLINE_PARENT_SPAN_ID = 'throughline.parent_span_id';
