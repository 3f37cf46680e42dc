import { encodeTraceEvent, formatTimestamp, type TraceEvent } from '@throughline/core/events';
import type { SeededRandom } from '../suite/seeded-random.ts';

/** The instant at which samples begin, in milliseconds since the epoch. */
export const sampleStart: number = Date.UTC(2026, 0, 31, 12);

/** The text of an instant, `ms` after the start of the samples. */
export function at(ms: number): string {
  return formatTimestamp(sampleStart + ms);
}

/** An event of a trace, with an id of its own. */
export function sampleEvent(
  traceId: string,
  id: number | string,
  change: Partial<TraceEvent> = {},
): TraceEvent {
  return {
    trace_id: traceId,
    span_id: `S${id}`,
    event_type: 'job:progress',
    timestamp: at(typeof id === 'number' ? id : 0),
    event_id: `${traceId}/${id}`,
    ...change,
  };
}

/** `count` events of a trace, a millisecond apart. */
export function sampleTrace(traceId: string, count: number): TraceEvent[] {
  return Array.from({ length: count }, (_, i) => sampleEvent(traceId, i));
}

/** The form in which an event is stored. */
export function encoded(event: TraceEvent): TraceEvent {
  const { event: stored, reason } = encodeTraceEvent(event);
  if (stored === undefined) throw new Error(`a sample is no event: ${reason}`);
  return stored;
}

export function idsOf(events: readonly TraceEvent[]): (string | undefined)[] {
  return events.map(({ event_id }) => event_id);
}

/** Any JSON value, with the keys and texts that stores trip over. */
export function randomJson(random: SeededRandom, depth = 0): unknown {
  const kinds = [
    () => random.of(jsonTexts),
    () => random.of(oddNumbers),
    () => random.below(2) === 0,
    () => null,
    () => Array.from({ length: random.below(4) }, () => randomJson(random, depth + 1)),
    () => randomObject(random, depth + 1),
  ];
  return random.of(depth > 3 ? kinds.slice(0, 4) : kinds)();
}

function randomObject(random: SeededRandom, depth: number): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let count = random.below(5); count > 0; count--) {
    const value = randomJson(random, depth);
    Object.defineProperty(object, random.of(oddKeys), {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}

const oddNumbers = [
  0,
  -0,
  -1,
  0.1,
  1e21,
  5e-324,
  Number.MAX_SAFE_INTEGER,
  -1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
];
/** Keys that some database reads a meaning into. */
export const oddKeys: readonly string[] = [
  'a',
  'b',
  '',
  '0',
  '$ref',
  'a.b',
  'toJSON_',
  'constructor',
  '__proto__',
  'näme',
  '_id',
  'ttl',
  'id',
];

const jsonTexts = ['', 'plain', 'null', '{"json":true}', 'a.b', '$ref'];

/** Texts that are nothing but text: what looks like syntax, odd characters, halves of characters. */
export const oddTexts: readonly string[] = [
  '',
  'plain',
  'näme 名前 😀 👩‍👩‍👧',
  '\u202Ereversed\u200B\uFEFF',
  'tab\tline\nreturn\r\u2028\u2029\u0000end',
  'half \uD800 and \uDC00',
  `"quoted" 'single' \\back\\slash /`,
  "'; DROP TABLE events; --",
  '#{jndi:x} %s %00 $1 {{x}} <script>',
  'null',
  '{"json":true}',
  '\u001b[31mred\u001b[0m',
];
