import { parseTimestamp } from '../events/timestamp.ts';
import type { TraceEvent } from '../events/trace-event.ts';
import { asNumber, asText } from './event-data.ts';
import { phaseOf, phaseRank } from './phase.ts';

/** The instant of an event in ms; the undated come last. */
export function instantOf(event: TraceEvent): number {
  const instant = typeof event.timestamp === 'string' ? parseTimestamp(event.timestamp) : Number.NaN;
  return Number.isNaN(instant) ? Number.POSITIVE_INFINITY : instant;
}

/**
 * Orders events by (instant, source, seq, phase rank, event id, content).
 *
 * Source comes before seq, so that the order is transitive: comparing seq only within a source and ids across sources
 * would let three events of one instant go round in a circle, and the result would depend on the order of arrival.
 */
export function compareEvents(a: TraceEvent, b: TraceEvent): number {
  return (
    compareNumbers(instantOf(a), instantOf(b)) ||
    compareCounters(a, b) ||
    phaseRank(phaseOf(a.event_type)) - phaseRank(phaseOf(b.event_type)) ||
    compareTexts(asText(a.event_id), asText(b.event_id)) ||
    compareTexts(contentOf(a), contentOf(b))
  );
}

/** A source counts its events, so of two in one instant the counter knows the first. No event comes first of all. */
export function compareCounters(a: TraceEvent | undefined, b: TraceEvent | undefined): number {
  return (
    compareTexts(asText(a?.source), asText(b?.source)) ||
    compareNumbers(asNumber(a?.seq) ?? 0, asNumber(b?.seq) ?? 0)
  );
}

/** Orders events of one span: there the phase beats the clock. */
export function compareWithinSpan(a: TraceEvent, b: TraceEvent): number {
  return phaseRank(phaseOf(a.event_type)) - phaseRank(phaseOf(b.event_type)) || compareEvents(a, b);
}

export function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function compareTexts(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function isAscending<T>(items: readonly T[], compare: (a: T, b: T) => number): boolean {
  for (let i = 1; i < items.length; i++) if (compare(items[i - 1] as T, items[i] as T) > 0) return false;
  return true;
}

/** Same content, whatever the order of keys. What JSON cannot express is the same only as itself. */
export function isSameEvent(a: TraceEvent, b: TraceEvent): boolean {
  if (a === b) return true;
  if (a.event_type !== b.event_type || a.event_id !== b.event_id || a.timestamp !== b.timestamp) return false;
  const content = jsonOf(a);
  return content !== '' && (content === jsonOf(b) || contentOf(a) === contentOf(b));
}

/** The event as JSON with sorted keys; empty for what JSON cannot express. */
export function contentOf(event: TraceEvent): string {
  return jsonOf(event, sortKeys);
}

function jsonOf(event: TraceEvent, replacer?: (key: string, value: unknown) => unknown): string {
  try {
    return JSON.stringify(event, replacer);
  } catch {
    return '';
  }
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareTexts(a, b)));
}
