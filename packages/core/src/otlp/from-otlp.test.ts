import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../events/trace-event.ts';
import { createTraceGraph } from '../trace-graph/trace-graph.ts';
import { type FromOtlpOptions, fromOtlp, type OtlpReading } from './from-otlp.ts';

const traceId = '5b8efff798038103d269b633813fc60c';
const spanId = 'eee19b7ec3c1b174';
const begin = 1_769_860_800_000; // 2026-01-31T12:00:00Z

const nano = (ms: number): string => `${BigInt(Math.round((begin + ms) * 1000)) * 1000n}`;
const attribute = (key: string, value: unknown): object => ({
  key,
  value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
});
const attributes = (values: Readonly<Record<string, unknown>>): object[] =>
  Object.entries(values).map(([key, value]) => attribute(key, value));

const span = {
  traceId,
  spanId,
  name: 'work',
  kind: 1,
  startTimeUnixNano: nano(0),
  endTimeUnixNano: nano(20),
};

function request(...spans: readonly unknown[]): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributes({ 'service.name': 'shop' }) },
        scopeSpans: [{ scope: { name: 'lib', version: '1.2.3' }, spans }],
      },
    ],
  };
}

function read(fields: object, options?: FromOtlpOptions): OtlpReading {
  return fromOtlp(request({ ...span, ...fields }), options);
}

function eventsOf(fields: object, options?: FromOtlpOptions): readonly TraceEvent[] {
  return read(fields, options).events;
}

describe('a span', () => {
  it('becomes a start and an end', () => {
    expect(eventsOf({ parentSpanId: 'eee19b7ec3c1b173', status: { code: 1 } })).toEqual([
      {
        trace_id: traceId,
        span_id: spanId,
        parent_span_id: 'eee19b7ec3c1b173',
        event_type: 'work:started',
        timestamp: '2026-01-31T12:00:00.000000Z',
        data: {
          name: 'work',
          kind: 'internal',
          resource: { 'service.name': 'shop' },
          scope: { name: 'lib', version: '1.2.3' },
        },
        event_id: `${traceId}-${spanId}-start`,
        source: 'shop',
      },
      {
        trace_id: traceId,
        span_id: spanId,
        parent_span_id: 'eee19b7ec3c1b173',
        event_type: 'work:completed',
        timestamp: '2026-01-31T12:00:00.020000Z',
        status: 'success',
        data: { outcome: 'ok' },
        event_id: `${traceId}-${spanId}-end`,
        source: 'shop',
      },
    ]);
  });

  it('claims nothing at its end when its status is unset', () => {
    const [, end] = eventsOf({});
    expect(end).toMatchObject({ event_type: 'work:completed', data: {} });
    expect(end?.status).toBeUndefined();
  });

  it('is open when it has no end', () => {
    expect(eventsOf({ endTimeUnixNano: '0' }).map(({ event_type }) => event_type)).toEqual(['work:started']);
    expect(eventsOf({ endTimeUnixNano: undefined })).toHaveLength(1);
  });

  it('is undated when it has no start', () => {
    expect(eventsOf({ startTimeUnixNano: 0 })[0]?.timestamp).toBe('');
  });

  it('keeps microseconds', () => {
    expect(eventsOf({ startTimeUnixNano: '1769860800000001999' })[0]?.timestamp).toBe(
      '2026-01-31T12:00:00.000001Z',
    );
  });

  it.each([
    [0, 'internal'],
    [2, 'server'],
    [3, 'client'],
    [5, 'consumer'],
    ['SPAN_KIND_SERVER', 'server'],
    [77, 'internal'],
  ])('of kind %s is one of kind %s', (kind, word) => {
    expect(eventsOf({ kind })[0]?.data?.kind).toBe(word);
  });

  it('of kind producer is a send, with its length and its outcome', () => {
    const events = eventsOf({ kind: 4, status: { code: 2, message: 'no route' } });
    expect(events).toMatchObject([
      {
        event_type: 'work:queued',
        status: 'failed',
        data: { duration_ms: 20, error: { message: 'no route' } },
      },
    ]);
  });

  it('keeps its attributes', () => {
    const values = [
      attribute('text', 'a'),
      attribute('big', '9007199254740993'),
      { key: 'int', value: { intValue: 7 } },
      { key: 'double', value: { doubleValue: 0.5 } },
      { key: 'nan', value: { doubleValue: 'NaN' } },
      { key: 'yes', value: { boolValue: true } },
      { key: 'list', value: { arrayValue: { values: [{ stringValue: 'x' }, {}] } } },
      { key: 'map', value: { kvlistValue: { values: [attribute('deep', 1)] } } },
      { key: 'none', value: {} },
      { key: 'bytes', value: { bytesValue: 'AQI=' } },
    ];
    expect(eventsOf({ attributes: values })[0]?.data?.attributes).toEqual({
      text: 'a',
      big: '9007199254740993',
      int: 7,
      double: 0.5,
      nan: 'NaN',
      yes: true,
      list: ['x', null],
      map: { deep: 1 },
      none: null,
      bytes: 'AQI=',
    });
  });

  it('keeps its links, and the relation where it is one of ours', () => {
    const to = { traceId, spanId: 'aaaaaaaaaaaaaaaa' };
    const links = ['retry_of', 'unheard_of'].map((relation) => ({
      ...to,
      attributes: attributes({ 'throughline.relation': relation }),
    }));
    expect(eventsOf({ links })[0]?.data?.links).toEqual([
      { trace_id: traceId, span_id: 'aaaaaaaaaaaaaaaa', relation: 'retry_of' },
      { trace_id: traceId, span_id: 'aaaaaaaaaaaaaaaa' },
    ]);
  });

  it('tells its span events as progress', () => {
    const events = [{ name: 'packed', timeUnixNano: nano(5), attributes: attributes({ boxes: 2 }) }];
    expect(eventsOf({ events })[1]).toMatchObject({
      event_type: 'work:progress',
      timestamp: '2026-01-31T12:00:00.005000Z',
      data: { name: 'packed', attributes: { boxes: 2 } },
    });
  });

  it('tells what its producer left out', () => {
    const { events, dropped } = read({ droppedAttributesCount: 3, droppedLinksCount: '1' });
    expect(dropped).toEqual({ attributes: 3, events: 0, links: 1 });
    expect(events[0]?.data?.dropped).toEqual({ attributes: 3, events: 0, links: 1 });
  });

  it('keeps its trace state, and its trace flags where they are not sampled alone', () => {
    const [started] = eventsOf({ traceState: 'vendor=1', flags: 0x103 });
    expect(started?.data).toMatchObject({ trace_state: 'vendor=1', trace_flags: 3 });
    expect(eventsOf({ flags: 0x301 })[0]?.data).not.toHaveProperty('trace_flags');
    expect(eventsOf({ flags: 0x100 })[0]?.data?.trace_flags).toBe(0);
    expect(eventsOf({ flags: 0, traceState: 'no state' })[0]?.data).toEqual(eventsOf({})[0]?.data);
  });

  it.each([['length'], ['map'], 'constructor', 6, -1, {}, null].map((code) => [code]))(
    'is internal and unset when its codes are %j',
    (code) => {
      expect(eventsOf({ kind: code, status: { code } })).toEqual(eventsOf({ kind: 1 }));
    },
  );

  it('without length that is called like an event is a point', () => {
    const point = { name: 'ai:decision', endTimeUnixNano: nano(0), status: { code: 1 } };
    expect(eventsOf(point)).toMatchObject([{ event_type: 'ai:decision', status: 'success' }]);
    expect(eventsOf({ ...point, name: 'Cart::add' })).toHaveLength(2);
    expect(eventsOf({ ...point, name: 'job:failed' })).toHaveLength(2);
  });

  it('tells the resource of its process once per trace', () => {
    const { events } = fromOtlp(request(span, { ...span, spanId: 'aaaaaaaaaaaaaaaa' }));
    expect(events.filter(({ data }) => data?.resource !== undefined)).toHaveLength(1);
  });

  it('tells its process by all that the resource says', () => {
    const resource = { 'service.name': 'shop', 'service.instance.id': 'i-1', 'process.pid': 7 };
    const { resourceSpans } = request(span) as { resourceSpans: object[] };
    const told = { resourceSpans: [{ ...resourceSpans[0], resource: { attributes: attributes(resource) } }] };
    expect(fromOtlp(told).events[0]?.source).toBe('shop:i-1:7');
  });
});

describe('a span that failed', () => {
  const exception = {
    name: 'exception',
    timeUnixNano: nano(19),
    attributes: attributes({
      'exception.type': 'TypeError',
      'exception.message': 'no card',
      'exception.stacktrace': 'at pay',
    }),
  };
  const errorOf = (fields: object, options?: FromOtlpOptions): unknown =>
    eventsOf({ status: { code: 2 }, ...fields }, options).at(-1)?.data?.error;

  it('ends with the exception that was recorded', () => {
    const events = eventsOf({ status: { code: 2, message: 'no card' }, events: [exception] });
    expect(events.map(({ event_type, status }) => [event_type, status])).toEqual([
      ['work:started', undefined],
      ['work:failed', 'failed'],
    ]);
    expect(events[1]?.data).toEqual({ outcome: 'error', error: { type: 'TypeError', message: 'no card' } });
  });

  it('takes the last of several exceptions, and tells the others', () => {
    const first = { ...exception, attributes: attributes({ 'exception.type': 'First' }) };
    const events = eventsOf({ status: { code: 2 }, events: [first, exception] });
    expect(events[1]).toMatchObject({ event_type: 'work:progress', data: { name: 'exception' } });
    expect(events[2]?.data?.error).toMatchObject({ type: 'TypeError' });
  });

  it('has its stack on request only', () => {
    expect(JSON.stringify(eventsOf({ events: [exception] }))).not.toContain('at pay');
    expect(errorOf({ events: [exception] }, { recordStacks: true })).toMatchObject({ stack: 'at pay' });
  });

  it('takes type and message from elsewhere when no exception was recorded', () => {
    expect(errorOf({ status: { code: 'STATUS_CODE_ERROR', message: 'late' } })).toEqual({
      type: 'Error',
      message: 'late',
    });
    expect(errorOf({ attributes: attributes({ 'error.type': 'ECONNRESET' }) })).toEqual({
      type: 'ECONNRESET',
      message: '',
    });
    expect(errorOf({ attributes: attributes({ 'http.response.status_code': 503 }) })).toEqual({
      type: 'Error',
      message: 'HTTP status 503',
    });
    expect(errorOf({})).toBeUndefined();
  });

  it('did not fail when the exception was caught', () => {
    expect(eventsOf({ events: [exception] }).map(({ event_type }) => event_type)).toEqual([
      'work:started',
      'work:progress',
      'work:completed',
    ]);
  });

  it.each([
    ['retry', 'work:retrying', 'failed'],
    ['lost', 'work:stalled', undefined],
    ['canceled', 'work:canceled', undefined],
    ['delayed', 'work:suspended', 'pending'],
    ['unheard_of', 'work:failed', 'failed'],
  ])('ends as our own word %s says', (outcome, type, status) => {
    const end = eventsOf({
      status: { code: 2 },
      attributes: attributes({ 'throughline.outcome': outcome }),
    })[1];
    expect([end?.event_type, end?.status]).toEqual([type, status]);
  });
});

describe('a message of the messaging conventions', () => {
  const message = {
    'messaging.system': 'kafka',
    'messaging.destination.name': 'orders',
    'messaging.message.id': '42',
  };

  it('is the entity of its producer and its consumer', () => {
    const entity = { system: 'kafka', queue: 'orders', id: '42' };
    expect(eventsOf({ kind: 4, attributes: attributes(message) })[0]).toMatchObject({
      event_type: 'message:queued',
      data: { entity },
    });
    expect(
      eventsOf({ kind: 5, attributes: attributes(message) }).map(({ event_type }) => event_type),
    ).toEqual(['message:started', 'message:completed']);
  });

  it('is a job when BullMQ carries it', () => {
    const job = {
      ...message,
      'messaging.system': 'bullmq',
      'throughline.job.name': 'welcome',
      'throughline.attempt': 2,
    };
    expect(eventsOf({ kind: 5, attributes: attributes(job) })[0]).toMatchObject({
      event_type: 'job:started',
      data: { entity: { system: 'bullmq', name: 'welcome', id: '42' }, attempt: 2 },
    });
  });

  it('is nobody’s when its id is no text or number', () => {
    const id = { key: 'messaging.message.id', value: { arrayValue: { values: [] } } };
    const values = [attribute('messaging.system', 'kafka'), id];
    expect(eventsOf({ kind: 5, attributes: values })[0]?.data?.entity).toBeUndefined();
  });

  it.each(['receive', 'settle'])('is not attempted by %s', (operation) => {
    const values = { ...message, 'messaging.operation.type': operation };
    expect(eventsOf({ kind: 5, attributes: attributes(values) })[0]?.data?.entity).toBeUndefined();
  });

  it('is other work to another consumer group', () => {
    const values = { ...message, 'messaging.consumer.group.name': 'mail' };
    expect(eventsOf({ kind: 5, attributes: attributes(values) })[0]?.data?.entity?.queue).toBe('orders/mail');
  });
});

describe('a span of the HTTP conventions', () => {
  it.each([
    [2, 'GET', { 'http.request.method': 'GET', 'http.route': '/cart/:id' }, 'GET /cart/:id'],
    [2, 'GET', { 'http.request.method': 'GET', 'url.path': '/cart/7' }, 'GET /cart/7'],
    [2, 'HTTP POST', { 'http.method': 'POST', 'http.target': '/pay?card=1' }, 'POST /pay'],
    [
      3,
      'POST',
      { 'http.request.method': 'POST', 'url.full': 'https://user:pw@pay.test:8443/charges?k=1' },
      'POST pay.test:8443/charges',
    ],
    [3, 'POST', { 'http.request.method': 'POST' }, 'POST'],
    [2, 'GET /own', { 'http.request.method': 'GET', 'url.path': '/x' }, 'GET /own'],
  ])('is called by more than its method', (kind, name, values, expected) => {
    expect(eventsOf({ kind, name, attributes: attributes(values) })[0]?.data?.name).toBe(expected);
  });

  const call = (
    id: string,
    at: number,
    code: number,
    more: Readonly<Record<string, unknown>> = {},
  ): object => ({
    ...span,
    spanId: id,
    parentSpanId: 'ffffffffffffffff',
    kind: 3,
    name: 'POST',
    startTimeUnixNano: nano(at),
    endTimeUnixNano: nano(at + 5),
    status: { code },
    attributes: attributes({ 'http.request.method': 'POST', 'url.full': 'http://pay.test/charges', ...more }),
  });
  const linksOf = (...calls: readonly object[]): unknown[] =>
    fromOtlp(request(...calls))
      .events.flatMap(({ data }) => data?.links ?? [])
      .map((link) => [link.relation, link.span_id]);

  it('repeats the one before it when both failed, one after the other', () => {
    const calls = [call('b'.repeat(16), 10, 2), call('a'.repeat(16), 0, 2)];
    expect(linksOf(...calls)).toEqual([['retry_of', 'a'.repeat(16)]]);
  });

  it('repeats the one before it when it says so', () => {
    const again = call('b'.repeat(16), 10, 0, { 'http.request.resend_count': 1 });
    expect(linksOf(call('a'.repeat(16), 0, 2), again)).toEqual([['retry_of', 'a'.repeat(16)]]);
  });

  it('repeats nothing when it went well and does not say so: it may be another request', () => {
    expect(linksOf(call('a'.repeat(16), 0, 2), call('b'.repeat(16), 10, 0))).toEqual([]);
  });

  it('repeats the one before it when the clock of its SDK is rounded', () => {
    expect(linksOf(call('a'.repeat(16), 0, 2), call('b'.repeat(16), 4.1, 2))).toHaveLength(1);
  });

  it('repeats nothing that was still under way', () => {
    expect(linksOf(call('a'.repeat(16), 0, 2), call('b'.repeat(16), 3, 2))).toEqual([]);
  });
});

describe('a child that ends after its parent', () => {
  const child = { ...span, spanId: 'c'.repeat(16), parentSpanId: spanId, status: { code: 2 } };
  const outcomeOf = (endTimeUnixNano: string): unknown =>
    createTraceGraph(fromOtlp(request(span, { ...child, endTimeUnixNano })).events).explainFailure().outcome;

  it('ended with it, when less than a millisecond lies between them', () => {
    expect(outcomeOf(String(BigInt(nano(20)) + 900_000n))).toBe('success');
  });

  it('ended with it, when it even began after the end of its parent', () => {
    const times = { startTimeUnixNano: nano(20.5), endTimeUnixNano: nano(20.5) };
    const { events } = fromOtlp(request(span, { ...child, ...times }));
    const ends = events.filter(({ event_type }) => !event_type.endsWith(':started'));
    expect(ends.map(({ timestamp }) => timestamp)).toEqual(Array(2).fill('2026-01-31T12:00:00.020500Z'));
  });

  it('takes all that holds it along', () => {
    const inner = { ...child, spanId: 'd'.repeat(16), parentSpanId: child.spanId };
    const failed = [
      { ...span, status: { code: 2 } },
      { ...child, endTimeUnixNano: nano(20.3) },
      { ...inner, startTimeUnixNano: nano(20.6), endTimeUnixNano: nano(20.7) },
    ];
    const { causes, chain } = createTraceGraph(fromOtlp(request(...failed)).events).explainFailure();
    expect(causes.map((cause) => cause.span.spanId)).toEqual([inner.spanId]);
    expect(chain).toHaveLength(3);
  });

  it('keeps its end in a circle of parents', () => {
    const round = { ...span, parentSpanId: child.spanId };
    expect(fromOtlp(request(round, { ...child, endTimeUnixNano: nano(20.3) })).rejected).toEqual([]);
  });

  it('ended after it, when more lies between them', () => {
    expect(outcomeOf(nano(21))).toBe('failed');
  });
});

describe('a server that answered 4xx', () => {
  const client = { ...span, spanId: 'c'.repeat(16), kind: 3, status: { code: 2 } };
  const server = {
    ...span,
    parentSpanId: client.spanId,
    kind: 2,
    attributes: attributes({ 'http.response.status_code': 402 }),
  };
  const endOf = (...spans: readonly object[]): TraceEvent | undefined =>
    fromOtlp(request(...spans)).events.at(-1);

  it('passed a failure on, when its client failed with it', () => {
    expect(endOf(client, server)).toMatchObject({
      event_type: 'work:failed',
      data: { outcome: 'rejected', error: { message: 'HTTP status 402' } },
    });
  });

  it('completed, when no client says that it failed', () => {
    expect(endOf(server)?.event_type).toBe('work:completed');
    expect(endOf({ ...client, status: {} }, server)?.event_type).toBe('work:completed');
  });
});

describe('what else calls itself OTLP', () => {
  const facts = ({ events, rejected }: OtlpReading): unknown => [
    events.map(({ span_id, event_type, timestamp }) => [span_id, event_type, timestamp]),
    rejected,
  ];
  const wanted = facts(fromOtlp(request(span)));
  const text = JSON.stringify(request(span));

  it.each<[string, unknown]>([
    ['a text', text],
    ['a text with a byte order mark', `\uFEFF${text}`],
    ['bytes', new TextEncoder().encode(text)],
    ['a list of requests', [request(span)]],
    [
      'lines, as the file exporter of the collector writes them',
      `${text}\r\n${JSON.stringify({ resourceSpans: [] })}\n`,
    ],
    ['an answer of Tempo', { batches: (request(span) as { resourceSpans: object[] }).resourceSpans }],
    ['an answer of the second API of Tempo', { trace: request(span) }],
    ['an answer of Jaeger', { result: request(span) }],
    [
      'names in snake_case',
      text.replace(/"\w+":/g, (name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)),
    ],
    ['ids in base64', text.replace(traceId, 'W47/95gDgQPSabYzgT/GDA==').replace(spanId, '7uGbfsPBsXQ=')],
    ['ids in capitals', text.replace(traceId, traceId.toUpperCase()).replace(spanId, spanId.toUpperCase())],
    [
      'null for what is absent',
      request({ ...span, parentSpanId: null, attributes: null, status: null, links: null }),
    ],
    [
      'scopes as the protocol called them before version 0.15',
      text
        .replace('scopeSpans', 'instrumentationLibrarySpans')
        .replace('"scope"', '"instrumentationLibrary"'),
    ],
    ['no parent as zeros', request({ ...span, parentSpanId: '0000000000000000' })],
  ])('is read: %s', (_, input) => {
    expect(facts(fromOtlp(input))).toEqual(wanted);
  });

  it('is read with times as numbers, as exact as those are', () => {
    const { events } = read({ startTimeUnixNano: 1_769_860_800_000_000_000 });
    expect(events[0]?.timestamp).toBe('2026-01-31T12:00:00.000000Z');
  });
});

describe('what is not taken', () => {
  const reasons = (input: unknown, options?: FromOtlpOptions): unknown =>
    fromOtlp(input, options).rejected.map(({ reason, count }) => [reason, count]);

  it.each<[string, number, unknown]>([
    ['malformed_json', 1, '{"resourceSpans":[\n{\n}'],
    ['malformed_json', 1, `${JSON.stringify(request(span))}\n{"resourceSp`],
    ['not_a_request', 1, '7'],
    ['not_a_request', 1, undefined],
    ['not_a_request', 1, { resourceSpans: 'none' }],
    ['other_signal', 1, { resourceLogs: [] }],
    ['malformed', 1, { resourceSpans: [7] }],
    ['malformed', 1, { resourceSpans: [{ scopeSpans: {} }] }],
    ['malformed', 2, request(null, 'span')],
    ['trace_id_invalid', 1, request({ ...span, traceId: '0'.repeat(32) })],
    ['trace_id_invalid', 1, request({ ...span, traceId: 'x'.repeat(32) })],
    ['span_id_invalid', 1, request({ ...span, spanId: 7 })],
    ['parent_span_id_invalid', 1, request({ ...span, parentSpanId: 'abc' })],
    ['time_invalid', 1, request({ ...span, startTimeUnixNano: 'yesterday' })],
    [
      'attribute_invalid',
      3,
      request({ ...span, attributes: [7, { key: 1, value: {} }, attribute('a', 1.5)] }),
    ],
    ['event_invalid', 1, request({ ...span, events: ['boo'] })],
    ['link_invalid', 1, request({ ...span, links: [{ traceId }] })],
    ['duplicate', 1, request(span, span)],
  ])('is counted: %s, %i', (reason, count, input) => {
    expect(reasons(input)).toEqual([[reason, count]]);
  });

  it('is told with the place where it was first', () => {
    expect(fromOtlp([request(), request(span, null)]).rejected[0]?.first).toBe(
      '[1].resourceSpans[0].scopeSpans[0].spans[1]',
    );
  });

  it('costs the part alone', () => {
    const { events } = fromOtlp(request({ ...span, attributes: [7], links: [7] }, null, 'x'));
    expect(events).toHaveLength(2);
  });

  it('is a text that is too long, before it is parsed', () => {
    const text = JSON.stringify(request(span));
    expect(reasons(text, { maxLength: text.length - 1 })).toEqual([['too_large', 1]]);
    expect(reasons(new TextEncoder().encode(text), { maxLength: 9 })).toEqual([['too_large', 1]]);
  });

  it('are spans beyond the limit', () => {
    const spans = ['a', 'b', 'c'].map((digit) => ({ ...span, spanId: digit.repeat(16) }));
    const { events, rejected, spans: count } = fromOtlp(request(...spans), { maxSpans: 2 });
    expect([events.length, count]).toEqual([4, 2]);
    expect(rejected).toMatchObject([{ reason: 'too_many_spans', count: 1 }]);
  });

  it('are attributes beyond the 100,000th', () => {
    const many = Array.from({ length: 100_002 }, (_, i) => attribute(`a${i}`, i));
    expect(reasons(request({ ...span, attributes: many }))).toEqual([['too_many_entries', 2]]);
  });

  it('is a value that goes too deep', () => {
    let value: object = { stringValue: 'bottom' };
    for (let i = 0; i < 10_000; i++) value = { arrayValue: { values: [value] } };
    const [started] = eventsOf({ attributes: [{ key: 'deep', value }] });
    expect(JSON.stringify(started?.data?.attributes)).toContain('[too deep]');
  });

  it('is a value of objects that hold each other, which would have no end', () => {
    const ring: { values: object[] } = { values: [] };
    for (let i = 0; i < 4; i++) ring.values.push({ arrayValue: ring });
    const [started] = eventsOf({ attributes: [{ key: 'ring', value: { arrayValue: ring } }] });
    expect(JSON.stringify(started?.data?.attributes)).toContain('[too deep]');
  });

  it('is what throws when it is read', () => {
    const trap = new Proxy(
      {},
      {
        getOwnPropertyDescriptor: () => {
          throw new Error('trap');
        },
      },
    );
    expect(reasons([trap, request(trap, span)])).toEqual([['unreadable', 2]]);
  });

  it.each([{ maxLength: 0 }, { maxSpans: Number.NaN }])('are options that cannot be meant: %j', (options) => {
    expect(() => fromOtlp('', options)).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID' }),
    );
  });
});

describe('anything at all', () => {
  const hostile = fc.oneof(
    fc.anything(),
    fc.string(),
    fc
      .record(
        {
          traceId: fc.oneof(fc.constant(traceId), fc.anything()),
          spanId: fc.oneof(fc.constant(spanId), fc.anything()),
          parentSpanId: fc.oneof(fc.constant(spanId), fc.anything()),
          name: fc.anything(),
          kind: fc.oneof(fc.integer(), fc.anything()),
          startTimeUnixNano: fc.oneof(fc.bigInt().map(String), fc.anything()),
          endTimeUnixNano: fc.oneof(fc.double(), fc.anything()),
          attributes: fc.oneof(
            fc.array(fc.record({ key: fc.string(), value: fc.anything() })),
            fc.anything(),
          ),
          events: fc.array(fc.anything()),
          links: fc.array(fc.anything()),
          status: fc.anything(),
        },
        { requiredKeys: ['traceId', 'spanId'] },
      )
      .map((one) => request(one)),
  );

  it('gives events that make a graph', () => {
    fc.assert(
      fc.property(hostile, (input) => {
        const { events, rejected } = fromOtlp(input);
        expect(events.every(({ trace_id, span_id }) => trace_id.length === 32 && span_id.length === 16)).toBe(
          true,
        );
        expect(rejected.every(({ count }) => count > 0)).toBe(true);
        expect(typeof createTraceGraph(events).toText()).toBe('string');
      }),
      { numRuns: 1000 },
    );
  });

  it('gives the same events for a text as for what it says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(fromOtlp(JSON.stringify([request(value)]))).toEqual(fromOtlp(request(value)));
      }),
    );
  });
});
