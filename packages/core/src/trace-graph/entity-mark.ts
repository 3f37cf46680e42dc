import type { TraceEvent } from '../events/trace-event.ts';
import { asText } from './event-data.ts';

/** Of what names no entity. */
export const unmarked = 0;
/** Of a span whose events name entities of several ids. */
export const mixed = -1;

/** Ids of jobs are counters or random: they differ at their end. */
const tail = 4;

/**
 * One number for the id of an entity. Spans of one entity share it and hardly any others do, so that a question about one
 * job passes over all others without reading them.
 */
export function markOfId(id: string): number {
  let mark = id.length;
  for (let i = Math.max(0, id.length - tail); i < id.length; i++)
    mark = Math.imul(mark, 31) + id.charCodeAt(i);
  // Apart from the two that have a meaning of their own.
  return mark & 0x7fffffff || 1;
}

export function markOf({ data }: TraceEvent): number {
  const id = asText(data?.entity?.id);
  return id === undefined ? unmarked : markOfId(id);
}

/** The mark of a span with one more event that is marked. */
export function joinMarks(before: number, mark: number): number {
  return before === unmarked || before === mark ? mark : mixed;
}
