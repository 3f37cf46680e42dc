// What one writes in an afternoon: fold by span, parse the clocks, link, sort. It trusts its input.
import { graphBuilds } from './graph-builds.mjs';

/** @typedef {import('@throughline/core/events').TraceEvent} TraceEvent */
/** @typedef {{ id: string, parent: string | undefined, start: number, end: number, status: string, events: TraceEvent[], children: Span[] }} Span */

export default graphBuilds(import.meta.url, (events) => build(events).spans.size);

/** @param {TraceEvent[]} events */
function build(events) {
  const sorted = [...events].sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
  /** @type {Map<string, Span>} */
  const spans = new Map();
  for (const event of sorted) fold(spans, event);
  /** @type {Span[]} */
  const roots = [];
  for (const span of spans.values()) {
    const parent = span.parent === undefined ? undefined : spans.get(span.parent);
    if (parent === undefined) roots.push(span);
    else parent.children.push(span);
  }
  for (const span of spans.values()) span.children.sort((a, b) => a.start - b.start);
  return { spans, roots };
}

/** @param {Map<string, Span>} spans @param {TraceEvent} event */
function fold(spans, event) {
  const at = Date.parse(event.timestamp);
  let span = spans.get(event.span_id);
  if (span === undefined) {
    span = {
      id: event.span_id,
      parent: undefined,
      start: at,
      end: at,
      status: 'open',
      events: [],
      children: [],
    };
    spans.set(event.span_id, span);
  }
  span.parent ??= event.parent_span_id;
  span.start = Math.min(span.start, at);
  span.end = Math.max(span.end, at);
  if (event.status !== undefined) span.status = event.status;
  span.events.push(event);
}
