import { describe, expect, it } from 'vitest';
import { formatTimestamp } from '../events/timestamp.ts';
import type { TraceEvent } from '../events/trace-event.ts';
import { loanSagaFixture } from '../testing/loan-saga-fixture.ts';
import { loanSagaSpanId, loanSagaStory } from '../testing/loan-saga-story.ts';
import { fromKeyValues } from './any-value.ts';
import type { OtlpSpan, OtlpTraces } from './otlp-json.ts';
import { toOtlp } from './to-otlp.ts';

const begin = Date.UTC(2026, 0, 31, 12);
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

function event(spanId: string, type: string, ms: number, more: Partial<TraceEvent> = {}): TraceEvent {
  return {
    trace_id: traceId,
    span_id: spanId.padStart(16, '0'),
    event_type: type,
    timestamp: formatTimestamp(begin + ms),
    ...more,
  };
}

function spansOf({ resourceSpans }: OtlpTraces): readonly OtlpSpan[] {
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

function attributesOf(span: OtlpSpan | undefined): object {
  return fromKeyValues(span?.attributes ?? [], () => {});
}

const nano = (ms: number): string => String(BigInt(begin + ms) * 1_000_000n);

describe('toOtlp', () => {
  it('makes one span of the events of a span', () => {
    const [span, ...others] = spansOf(
      toOtlp([
        event('a', 'order:started', 0, {
          data: { name: 'order', kind: 'server', attributes: { 'shop.id': 7 } },
        }),
        event('a', 'order:completed', 12.5, { status: 'success', data: { outcome: 'ok' } }),
      ]),
    );
    expect(others).toEqual([]);
    expect(span).toMatchObject({
      traceId,
      spanId: '000000000000000a',
      name: 'order',
      kind: 2,
      flags: 0x101,
      startTimeUnixNano: nano(0),
      endTimeUnixNano: String(BigInt(begin) * 1_000_000n + 12_500_000n),
      status: { code: 1 },
      links: [],
    });
    expect(span?.attributes).toContainEqual({ key: 'shop.id', value: { intValue: '7' } });
  });

  it('keeps each stored event in a span event', () => {
    const started = event('a', 'order:started', 0, { event_id: 'x-1', source: 's', seq: 4, tags: ['vip'] });
    const [span] = spansOf(toOtlp([started]));
    expect(span?.events).toEqual([
      {
        timeUnixNano: nano(0),
        name: 'order:started',
        attributes: [{ key: 'throughline.event', value: { stringValue: JSON.stringify(started) } }],
      },
    ]);
    expect(attributesOf(span)).toMatchObject({ 'throughline.events': 1, 'throughline.tags': ['vip'] });
  });

  it('tells an error as OpenTelemetry does', () => {
    const error = { type: 'RangeError', message: 'too much' };
    const failed = event('a', 'order:failed', 1, { status: 'failed', data: { error } });
    const [span] = spansOf(toOtlp([event('a', 'order:started', 0), failed], { lossless: false }));
    expect(span?.status).toEqual({ code: 2, message: 'too much' });
    expect(attributesOf(span)).toMatchObject({ 'error.type': 'RangeError' });
    expect(span?.events).toEqual([
      {
        timeUnixNano: nano(1),
        name: 'exception',
        attributes: [
          { key: 'exception.type', value: { stringValue: 'RangeError' } },
          { key: 'exception.message', value: { stringValue: 'too much' } },
        ],
      },
    ]);
  });

  it('writes progress as a span event of its name', () => {
    const progress = event('a', 'order:progress', 5, { data: { name: 'packed', attributes: { boxes: 2 } } });
    const [span] = spansOf(toOtlp([event('a', 'order:started', 0), progress], { lossless: false }));
    expect(span?.events).toEqual([
      {
        timeUnixNano: nano(5),
        name: 'packed',
        attributes: [{ key: 'boxes', value: { intValue: '2' } }],
      },
    ]);
  });

  it('writes a send as a PRODUCER span of its own length', () => {
    const data = {
      name: 'send mail',
      duration_ms: 3.25,
      events: [{ name: 'encoded', timestamp: formatTimestamp(begin + 1) }],
    };
    const [span] = spansOf(
      toOtlp([event('a', 'job:queued', 0, { status: 'success', data })], { lossless: false }),
    );
    expect(span).toMatchObject({
      kind: 4,
      status: { code: 1 },
      events: [{ name: 'encoded', timeUnixNano: nano(1) }],
    });
    expect(BigInt(span?.endTimeUnixNano ?? 0) - BigInt(span?.startTimeUnixNano ?? 0)).toBe(3_250_000n);
  });

  it('writes a point as an INTERNAL span without length that claims nothing', () => {
    const [span] = spansOf(toOtlp([event('a', 'ai:decision', 0, { data: { name: 'ai:decision' } })]));
    expect(span).toMatchObject({
      kind: 1,
      startTimeUnixNano: nano(0),
      endTimeUnixNano: nano(0),
      status: { code: 0 },
    });
    expect(attributesOf(span)).toMatchObject({ 'throughline.event_type': 'ai:decision' });
  });

  it.each([
    ['failed', 2, undefined],
    ['retrying', 2, 'retry'],
    ['stalled', 2, 'lost'],
    ['canceled', 0, 'canceled'],
    ['suspended', 0, 'delayed'],
  ])('writes an end of phase %s with status %i', (phase, code, outcome) => {
    const data = outcome === undefined ? {} : { outcome };
    const [span] = spansOf(toOtlp([event('a', 'job:started', 0), event('a', `job:${phase}`, 1, { data })]));
    expect(span?.status.code).toBe(code);
    expect(attributesOf(span)).toMatchObject({
      ...(outcome !== undefined && { 'throughline.outcome': outcome }),
      ...(phase === 'retrying' && { 'throughline.will_retry': true }),
    });
  });

  it('names the work, its attempt, its step and what it undoes', () => {
    const data = {
      entity: { system: 'bullmq', queue: 'bull:mail', name: 'welcome', id: '7' },
      attempt: 2,
      max_attempts: 3,
      step: true,
      compensation: 'none' as const,
      original_span_id: '00000000000000ff',
    };
    const [span] = spansOf(toOtlp([event('a', 'job:started', 0, { data })]));
    expect(attributesOf(span)).toMatchObject({
      'throughline.entity.system': 'bullmq',
      'throughline.entity.queue': 'bull:mail',
      'throughline.entity.name': 'welcome',
      'throughline.entity.id': '7',
      'throughline.attempt': 2,
      'throughline.max_attempts': 3,
      'throughline.step': true,
      'throughline.compensation': 'none',
      'throughline.original_span_id': '00000000000000ff',
    });
  });

  it('keeps the relation of a link', () => {
    const links = [{ trace_id: traceId, span_id: '00000000000000ff', relation: 'retry_of' as const }];
    const [span] = spansOf(toOtlp([event('a', 'job:started', 0, { data: { links } })]));
    expect(span?.links).toEqual([
      {
        traceId,
        spanId: '00000000000000ff',
        attributes: [{ key: 'throughline.relation', value: { stringValue: 'retry_of' } }],
      },
    ]);
  });
});

describe('toOtlp of a span that has not ended', () => {
  const open = [
    event('a', 'order:started', 0),
    event('b', 'mail:started', 5),
    event('b', 'mail:completed', 9),
  ];

  it('marks it, and ends it with the last instant of its trace', () => {
    const [span] = spansOf(toOtlp(open));
    expect(span).toMatchObject({ endTimeUnixNano: nano(9), status: { code: 0 } });
    expect(attributesOf(span)).toMatchObject({ 'throughline.open': true });
  });

  it('ends it now, when told the time', () => {
    const [span] = spansOf(toOtlp(open, { now: begin + 60_000 }));
    expect(span?.endTimeUnixNano).toBe(nano(60_000));
  });

  it('leaves it out on request', () => {
    expect(spansOf(toOtlp(open, { open: 'omit' })).map(({ name }) => name)).toEqual(['mail']);
  });

  it('says lost of an attempt that a newer one has overtaken', () => {
    const entity = { system: 'bullmq', queue: 'q', id: '1' };
    const spans = spansOf(
      toOtlp([
        event('a', 'job:started', 0, { data: { entity, attempt: 1 } }),
        event('b', 'job:started', 50, { data: { entity, attempt: 2 } }),
      ]),
    );
    expect(spans[0]).toMatchObject({ status: { code: 2 }, endTimeUnixNano: nano(0) });
    expect(attributesOf(spans[0])).toMatchObject({ 'error.type': 'lost', 'throughline.outcome': 'lost' });
  });
});

describe('toOtlp of ids that are no W3C ids', () => {
  const spans = spansOf(toOtlp(loanSagaFixture));

  it('derives valid ids, the same every time', () => {
    for (const { traceId, spanId } of spans)
      expect(`${traceId} ${spanId}`).toMatch(/^[\da-f]{32} [\da-f]{16}$/);
    expect(spans[0]).toMatchObject({
      traceId: '38d88527915b87810831252808312528',
      spanId: '26248d5387cc5989',
    });
  });

  it('keeps the tree', () => {
    const [root, stage, job] = spans;
    expect(root?.parentSpanId).toBeUndefined();
    expect([stage?.parentSpanId, job?.parentSpanId]).toEqual([root?.spanId, stage?.spanId]);
  });

  it('keeps the originals in attributes', () => {
    expect(attributesOf(spans[1])).toMatchObject({
      'throughline.trace_id': 'T1',
      'throughline.span_id': 'S2',
      'throughline.parent_span_id': 'S1',
    });
  });
});

describe('toOtlp of several processes', () => {
  const { resourceSpans } = toOtlp(loanSagaStory(), { resource: { 'service.name': 'loans' } });

  it('groups spans by the process that wrote them', () => {
    const sources = resourceSpans.map(({ resource }) => fromKeyValues(resource.attributes, () => {}));
    expect(sources).toEqual(
      ['api', 'saga', 'validate', 'credit', 'funding'].map((process) => ({
        'service.name': 'loans',
        'throughline.source': `${process}:1:boot`,
      })),
    );
  });

  it('says which parents are remote', () => {
    const flagsBySpan = new Map(spansOf({ resourceSpans }).map(({ spanId, flags }) => [spanId, flags]));
    expect(flagsBySpan.get(loanSagaSpanId('loan'))).toBe(0x301);
    expect(flagsBySpan.get(loanSagaSpanId('credit'))).toBe(0x101);
  });

  it('takes what events say about their process before what the caller says', () => {
    const told = event('a', 'x:started', 0, { data: { resource: { 'service.name': 'shop' } } });
    const [first] = toOtlp([told], { resource: { 'service.name': 'other', 'host.name': 'h' } }).resourceSpans;
    expect(fromKeyValues(first?.resource.attributes ?? [], () => {})).toEqual({
      'service.name': 'shop',
      'host.name': 'h',
    });
  });
});

describe('toOtlp of odd events', () => {
  it('leaves out what is no event', () => {
    expect(toOtlp([null, 7, {}] as unknown as TraceEvent[])).toEqual({ resourceSpans: [] });
  });

  it('gives an undated span the time of what is around it, and says so', () => {
    const child = event('b', 'x:started', 0, { timestamp: 'never', parent_span_id: '000000000000000a' });
    const [, span] = spansOf(toOtlp([event('a', 'order:started', 3), child]));
    expect(span?.startTimeUnixNano).toBe(nano(3));
    expect(attributesOf(span)).toMatchObject({ 'throughline.undated': true });
  });

  it('never ends a span before its start', () => {
    const [span] = spansOf(toOtlp([event('a', 'x:started', 5), event('a', 'x:completed', 0)]));
    expect(Number(span?.endTimeUnixNano) >= Number(span?.startTimeUnixNano)).toBe(true);
  });

  it('survives objects that hold each other, and values that JSON has no word for', () => {
    const ring: Record<string, unknown> = { big: 2n ** 70n };
    for (const key of 'abcdefghij') ring[key] = ring;
    const data = { attributes: ring } as TraceEvent['data'];
    const [span] = spansOf(toOtlp([event('a', 'x:started', 0, { data })]));
    expect(span?.spanId).toBe('000000000000000a');
  });

  it.each([{ open: 'keep' }, { now: Number.NaN }])('refuses the options %j', (options) => {
    expect(() => toOtlp([], options as never)).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID' }),
    );
  });
});
