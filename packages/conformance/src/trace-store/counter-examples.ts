import type { TraceEvent, TraceListQuery } from '@throughline/core/events';
import type { SeededRandom } from '../suite/seeded-random.ts';
import { at, sampleEvent, sampleStart } from './sample-events.ts';

/**
 * Traces of which each differs from another in one thing that a query may ask for. All of them are stored before the
 * first query, so that a condition which lets too much through is found out.
 */
export function counterExamples(): TraceEvent[] {
  const mail = { system: 'bullmq', queue: 'mail', name: 'welcome', id: '17' };
  return [
    ...[0, 1_000].map((ms, i) => sampleEvent('plain', i, { timestamp: at(ms) })),
    sampleEvent('failed', 1, {
      event_type: 'job:failed',
      timestamp: at(2_000),
      data: error('RangeError', 'No Funds 5%'),
    }),
    sampleEvent('failed-in-text', 1, {
      timestamp: at(3_000),
      data: { note: 'job:failed', status: 'failed' },
    }),
    sampleEvent('status-failed', 1, { timestamp: at(3_500), status: 'failed' }),
    sampleEvent('retried', 1, {
      span_id: 'A',
      event_type: 'job:retrying',
      timestamp: at(4_000),
      data: { entity: mail },
    }),
    sampleEvent('recovered', 1, {
      span_id: 'A',
      event_type: 'job:retrying',
      timestamp: at(5_000),
      data: { entity: { ...mail, id: '18' } },
    }),
    sampleEvent('recovered', 2, {
      span_id: 'B',
      event_type: 'job:completed',
      timestamp: at(6_000),
      data: { entity: { ...mail, id: '18' } },
    }),
    sampleEvent('open', 1, {
      event_type: 'job:started',
      timestamp: at(7_000),
      data: { name: 'Send', entity: { ...mail, id: '1' } },
    }),
    sampleEvent('other-queue', 1, {
      event_type: 'job:started',
      timestamp: at(8_000),
      data: { entity: { ...mail, queue: 'mail2' } },
    }),
    sampleEvent('queue-in-data', 1, { timestamp: at(9_000), data: { queue: 'mail', entityId: '17' } }),
    sampleEvent('tagged', 1, { timestamp: at(10_000), tags: ['vip', 'b'] }),
    sampleEvent('tagged-alike', 1, { timestamp: at(11_000), tags: ['vip2', 'VIP'] }),
    sampleEvent('tag-in-data', 1, { timestamp: at(12_000), data: { tags: ['vip'] } }),
    sampleEvent('attributes', 1, { timestamp: at(13_000), data: { attributes: { n: 1, s: '1', b: true } } }),
    sampleEvent('attributes-apart', 1, { timestamp: at(14_000), data: { attributes: { n: 1 } } }),
    sampleEvent('attributes-apart', 2, { timestamp: at(14_500), data: { attributes: { s: '1' } } }),
    sampleEvent('attribute-text', 1, { timestamp: at(15_000), data: { attributes: { n: '1', b: 'true' } } }),
    sampleEvent('attribute-in-data', 1, { timestamp: at(16_000), data: { n: 1 } }),
    sampleEvent('linking', 1, {
      timestamp: at(17_000),
      data: { links: [{ trace_id: 'plain', span_id: 'S0' }] },
    }),
    sampleEvent('linking-alike', 1, {
      timestamp: at(18_000),
      data: { links: [{ trace_id: 'plain2', span_id: 'S0' }] },
    }),
    sampleEvent('linking-in-data', 1, { timestamp: at(19_000), data: { trace_id: 'plain' } }),
    sampleEvent('named', 1, { timestamp: at(20_000), data: { name: 'Grüße_SENDEN (100%)' } }),
    sampleEvent('text-elsewhere', 1, {
      timestamp: at(21_000),
      data: { note: 'no funds', attributes: { name: 'send' } },
    }),
    sampleEvent('undated', 1, { timestamp: 'yesterday', tags: ['vip'] }),
    ...['a', 'B', 'ä', 'b', '_'].map((id) => sampleEvent(`same-time-${id}`, 1, { timestamp: at(30_000) })),
  ];
}

function error(type: string, message: string): { error: { type: string; message: string } } {
  return { error: { type, message } };
}

const ms = (offset: number): number => sampleStart + offset;

/** One condition each, which some trace fulfils. */
const findingQueries: readonly TraceListQuery[] = [
  {},
  { status: 'failed' },
  { status: 'open' },
  { status: 'success' },
  { since: ms(1_000) },
  { since: ms(1_001) },
  { since: ms(30_000) },
  { until: ms(0) },
  { until: ms(1) },
  { until: ms(30_000) },
  { queue: 'mail' },
  { entityId: '17' },
  { entityId: '1' },
  { tag: 'vip' },
  { eventType: 'job:failed' },
  { attributes: { n: 1 } },
  { attributes: { n: '1' } },
  { attributes: { b: true } },
  { attributes: { n: 1, s: '1' } },
];

/** One condition each; what they find is judged by `matchesTraceQuery`. The last look like what some trace fulfils. */
export const plainQueries: readonly TraceListQuery[] = [
  ...findingQueries,
  { queue: 'MAIL' },
  { queue: 'mai%' },
  { entityId: '_7' },
  { tag: 'vi' },
  { tag: "vip' OR '1'='1" },
  { eventType: 'job' },
  { eventType: 'job:Failed' },
  { attributes: { 'no.such': 1 } },
];

export const textQueries: readonly TraceListQuery[] = [
  { text: 'no funds' },
  { text: 'RANGEERROR' },
  { text: 'send' },
  { text: 'GRÜSSE' },
  { text: 'grüße_senden' },
  { text: '%' },
  { text: '_' },
  { text: '.*' },
  { text: '(100%)' },
  { text: "'" },
];

export const linkQueries: readonly TraceListQuery[] = [
  { linkedTo: 'plain' },
  { linkedTo: 'plain2' },
  { linkedTo: 'plai' },
  { linkedTo: 'PLAIN' },
];

/** Several conditions at once: each of them alone finds more. */
export const joinedQueries: readonly TraceListQuery[] = [
  { since: ms(4_000), until: ms(7_000) },
  { status: 'open', queue: 'mail', entityId: '1' },
  { status: 'failed', queue: 'mail' },
  { tag: 'vip', until: ms(1) },
];

/** Several conditions at once, drawn from those that find something. */
export function randomQuery(random: SeededRandom): TraceListQuery {
  return Object.assign({}, ...Array.from({ length: 2 + random.below(2) }, () => random.of(findingQueries)));
}
