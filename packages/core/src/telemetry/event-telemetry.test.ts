import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventWriter } from '../events/event-writer.ts';
import { MemoryTraceStore } from '../events/memory-trace-store.ts';
import { parseTimestamp } from '../events/timestamp.ts';
import type { TraceEvent } from '../events/trace-event.ts';
import { createTraceContext, type TraceContext } from '../trace-context/trace-context.ts';
import { createEventTelemetry } from './event-telemetry.ts';
import type { EventTelemetryOptions } from './event-telemetry-options.ts';
import { recordEvent } from './record-event.ts';
import type { Span, SpanLink, SpanOutcome, WorkEntity } from './span.ts';
import type { Telemetry } from './telemetry.ts';
import { traced } from './traced.ts';

let store: MemoryTraceStore;
let writer: EventWriter;
let telemetry: Telemetry;

function start(options: Partial<EventTelemetryOptions> = {}): void {
  store = new MemoryTraceStore();
  writer = new EventWriter(store, { process: false });
  telemetry = createEventTelemetry({ writer, ...options });
}
beforeEach(() => start());
afterEach(() => {
  vi.useRealTimers();
});

async function eventsOf({ context }: { readonly context: TraceContext }): Promise<TraceEvent[]> {
  await telemetry.flush();
  return store.getTrace(context.traceId);
}

async function typesOf(span: Span): Promise<string[]> {
  return (await eventsOf(span)).map(({ event_type }) => event_type);
}

const entity: WorkEntity = {
  system: 'bullmq',
  queue: 'mail',
  name: 'welcome',
  id: '17',
  attempt: 2,
  maxAttempts: 3,
};
const storedEntity = { system: 'bullmq', queue: 'mail', name: 'welcome', id: '17' };

describe('a span of event telemetry', () => {
  it('is stored when it starts and when it ends', async () => {
    const span = telemetry.startSpan('process mail', { kind: 'consumer', subject: 'job', parent: null });
    expect(await eventsOf(span)).toMatchObject([
      {
        trace_id: span.context.traceId,
        span_id: span.context.spanId,
        event_type: 'job:started',
        data: { name: 'process mail', kind: 'consumer' },
      },
    ]);
    span.end();
    expect((await eventsOf(span))[1]).toMatchObject({
      event_type: 'job:completed',
      status: 'success',
      data: { outcome: 'ok' },
    });
  });

  it('takes its name as subject when none is given', async () => {
    expect(await typesOf(telemetry.startSpan('charge'))).toEqual(['charge:started']);
  });

  it.each<[SpanOutcome, string, string | undefined, boolean | undefined]>([
    ['ok', 'completed', 'success', undefined],
    ['error', 'failed', 'failed', undefined],
    ['timeout', 'failed', 'failed', undefined],
    ['rejected', 'failed', 'failed', undefined],
    ['dropped', 'failed', 'failed', undefined],
    ['retry', 'retrying', 'failed', false],
    ['lost', 'stalled', undefined, undefined],
    ['canceled', 'canceled', undefined, undefined],
    ['delayed', 'suspended', 'pending', false],
    ['rate_limited', 'suspended', 'pending', false],
    ['waiting', 'suspended', 'pending', false],
    ['released', 'suspended', 'pending', false],
  ])('that ended as %s is stored as %s', async (outcome, phase, status, final) => {
    const span = telemetry.startSpan('job');
    span.end({ outcome });
    const [, end] = await eventsOf(span);
    expect(end?.event_type).toBe(`job:${phase}`);
    expect(end?.status).toBe(status);
    expect(end?.data).toMatchObject({ outcome });
    expect(end?.data?.final).toBe(final);
  });

  it.each(['oops', 'constructor'])(
    'that ended as %s, which is no outcome, is stored as failed',
    async (outcome) => {
      const span = telemetry.startSpan('job');
      span.end({ outcome: outcome as SpanOutcome });
      expect((await eventsOf(span))[1]).toMatchObject({ event_type: 'job:failed', status: 'failed' });
    },
  );

  it('is stored although JavaScript gave it nothing where something belongs', async () => {
    const nothing = null as unknown as undefined;
    const span = telemetry.startSpan('job', {
      links: [nothing, {}] as unknown as SpanLink[],
      entity: nothing,
      attributes: nothing,
      data: nothing,
    });
    span.identify(null as unknown as WorkEntity);
    span.addLink({} as SpanLink);
    span.end({ attributes: nothing, data: nothing });
    expect(await typesOf(span)).toEqual(['job:started', 'job:completed']);
  });

  it('carries its parent in every event', async () => {
    const parent = telemetry.startSpan('outer');
    const span = telemetry.startSpan('inner', { parent: parent.context });
    span.addEvent('half');
    span.end();
    const inner = (await eventsOf(span)).filter(({ span_id }) => span_id === span.context.spanId);
    expect(inner.map(({ parent_span_id }) => parent_span_id)).toEqual(Array(3).fill(parent.context.spanId));
  });

  it('carries the work it is about in its start and its end', async () => {
    const span = telemetry.startSpan('job', { entity });
    span.end();
    const data = { entity: storedEntity, attempt: 2, max_attempts: 3 };
    expect(await eventsOf(span)).toMatchObject([{ data }, { data }]);
  });

  it('is found by the id of its work while it is open', async () => {
    const span = telemetry.startSpan('job', { entity });
    await telemetry.flush();
    expect((await store.listTraces({ entityId: '17' })).traces).toMatchObject([
      { traceId: span.context.traceId, status: 'open', entities: [storedEntity] },
    ]);
  });

  it('can be identified before its start is on its way', async () => {
    const span = telemetry.startSpan('job');
    span.identify(entity);
    expect(await eventsOf(span)).toMatchObject([
      { event_type: 'job:started', data: { entity: storedEntity, attempt: 2 } },
    ]);
  });

  it('can be identified when its start is stored', async () => {
    const span = telemetry.startSpan('job');
    await telemetry.flush();
    span.identify(entity);
    expect((await eventsOf(span))[1]).toMatchObject({
      event_type: 'job:progress',
      data: { entity: storedEntity },
    });
    span.end();
    expect((await eventsOf(span))[2]).toMatchObject({
      event_type: 'job:completed',
      data: { entity: storedEntity },
    });
  });

  it('stores attributes, data, tags and links where they were given', async () => {
    const link = { context: createTraceContext(), relation: 'batch' as const };
    const span = telemetry.startSpan('job', {
      attributes: { a: 1 },
      data: { order: { id: 7 }, password: 'canary' },
      tags: ['first'],
      links: [link],
    });
    span.setAttributes({ b: true });
    span.setAttributes({ c: ['x'] });
    span.addLink({ context: link.context });
    span.end({ attributes: { d: 2 }, data: { result: 'ok' }, tags: ['second'] });
    const stored = { trace_id: link.context.traceId, span_id: link.context.spanId };
    const [first, second] = await eventsOf(span);
    expect(first).toMatchObject({
      tags: ['first'],
      data: {
        attributes: { a: 1 },
        order: { id: 7 },
        password: '[redacted]',
        links: [{ ...stored, relation: 'batch' }],
      },
    });
    expect(second?.tags).toEqual(['second']);
    expect(second?.data).toEqual({
      attributes: { b: true, c: ['x'], d: 2 },
      result: 'ok',
      outcome: 'ok',
      links: [stored],
    });
  });

  it('stores what it was given at the call, whatever becomes of it', async () => {
    const attributes = { a: 1 };
    const span = telemetry.startSpan('send', { kind: 'producer', attributes });
    attributes.a = 2;
    span.end();
    expect((await eventsOf(span))[0]?.data?.attributes).toEqual({ a: 1 });
  });

  it('stores span events as progress', async () => {
    const span = telemetry.startSpan('job');
    span.addEvent('half', { done: 0.5 }, Date.UTC(2026, 0, 31));
    expect((await eventsOf(span))[1]).toMatchObject({
      event_type: 'job:progress',
      timestamp: '2026-01-31T00:00:00.000000Z',
      data: { name: 'half', attributes: { done: 0.5 } },
    });
  });

  it('stores an error with its cause, redacted and without its stack', async () => {
    const span = telemetry.startSpan('job');
    span.end({ error: new TypeError('no postgres://u:p@h', { cause: new Error('inner') }) });
    const [, end] = await eventsOf(span);
    expect(end).toMatchObject({ event_type: 'job:failed', status: 'failed' });
    expect(end?.data).toEqual({
      outcome: 'error',
      error: {
        type: 'TypeError',
        message: 'no postgres://[redacted]@h',
        cause: { type: 'Error', message: 'inner' },
      },
    });
  });

  it('stores stacks when asked to', async () => {
    start({ recordStacks: true });
    const span = telemetry.startSpan('job');
    span.end({ error: new Error('x') });
    expect((await eventsOf(span))[1]?.data?.error?.stack).toContain('event-telemetry.test');
  });

  it('ends once, and takes nothing after its end', async () => {
    const span = telemetry.startSpan('job');
    span.end();
    span.end({ outcome: 'error' });
    span.addEvent('late');
    span.identify(entity);
    span.setAttributes({ late: true });
    span.addLink({ context: createTraceContext() });
    expect(span.isRecording).toBe(false);
    expect(await typesOf(span)).toEqual(['job:started', 'job:completed']);
  });

  it('lasts as long as a monotonic clock says, even when the wall clock is set back', async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 31, 12) });
    const span = telemetry.startSpan('job');
    vi.advanceTimersByTime(1500);
    vi.setSystemTime(Date.UTC(2026, 0, 31, 11));
    span.end();
    vi.useRealTimers();
    const [first, second] = await eventsOf(span);
    expect(parseTimestamp(second?.timestamp ?? '') - parseTimestamp(first?.timestamp ?? '')).toBeCloseTo(
      1500,
      3,
    );
  });

  it('takes the times it is given, and never ends before it starts', async () => {
    const span = telemetry.startSpan('job', { startTime: Date.UTC(2026, 0, 31) });
    span.end({ endTime: Date.UTC(2026, 0, 30) });
    const times = (await eventsOf(span)).map(({ timestamp }) => timestamp);
    expect(times).toEqual(Array(2).fill('2026-01-31T00:00:00.000000Z'));
  });
});

describe('a producer span of event telemetry', () => {
  it('is one queued event, dated at its start', async () => {
    const startTime = Date.UTC(2026, 0, 31);
    const span = telemetry.startSpan('send mail', { kind: 'producer', subject: 'job', startTime });
    span.identify(entity);
    span.end({ endTime: startTime + 2.5, attributes: { a: 1 } });
    expect(await eventsOf(span)).toMatchObject([
      {
        event_type: 'job:queued',
        timestamp: '2026-01-31T00:00:00.000000Z',
        status: 'success',
        data: {
          name: 'send mail',
          kind: 'producer',
          entity: storedEntity,
          duration_ms: 2.5,
          attributes: { a: 1 },
        },
      },
    ]);
  });

  it('is a failed queued event when the send failed', async () => {
    const span = telemetry.startSpan('send', { kind: 'producer', subject: 'job' });
    span.end({ error: new Error('no connection') });
    expect(await eventsOf(span)).toMatchObject([
      { event_type: 'job:queued', status: 'failed', data: { error: { message: 'no connection' } } },
    ]);
  });

  it('says what its end says, where its start said something else', async () => {
    const span = telemetry.startSpan('send', { kind: 'producer', data: { to: 'ann', n: 1 } });
    span.end({ data: { n: 2, name: 'mine' } });
    expect((await eventsOf(span))[0]?.data).toMatchObject({ name: 'send', to: 'ann', n: 2 });
  });

  it('tells its span events in that one event', async () => {
    const span = telemetry.startSpan('send', { kind: 'producer', subject: 'job' });
    span.addEvent('retried', { n: 1 }, Date.UTC(2026, 0, 31));
    span.end();
    const [queued, ...others] = await eventsOf(span);
    expect(others).toEqual([]);
    expect(queued?.data?.events).toEqual([
      { name: 'retried', attributes: { n: 1 }, timestamp: '2026-01-31T00:00:00.000000Z' },
    ]);
  });
});

describe('a point of event telemetry', () => {
  it('is one event of its type that makes no claim', async () => {
    const context = recordEvent(telemetry, 'ai:decision', { data: { confidence: 0.9 }, tags: ['ai'] });
    const [point, ...others] = await eventsOf({ context });
    expect(others).toEqual([]);
    expect(point).toMatchObject({ event_type: 'ai:decision', tags: ['ai'], data: { confidence: 0.9 } });
    expect(point).not.toHaveProperty('status');
    expect(point?.data).not.toHaveProperty('outcome');
  });

  it.each([
    ['success', 'success'],
    ['failed', 'failed'],
    ['pending', 'pending'],
  ] as const)('claims %s when told so', async (status, stored) => {
    const context = recordEvent(telemetry, 'ai:decision', { status });
    expect(await eventsOf({ context })).toMatchObject([{ event_type: 'ai:decision', status: stored }]);
  });
});

describe('the context of event telemetry', () => {
  it('is a new sampled root without a parent', () => {
    const { context } = telemetry.startSpan('job');
    expect(context).toMatchObject({ traceId: expect.stringMatching(/^[\da-f]{32}$/), traceFlags: 3 });
  });

  it('is unsampled for those who continue it when sampledFlag is false', () => {
    start({ sampledFlag: false });
    const root = telemetry.startSpan('job').context;
    expect(root.traceFlags & 1).toBe(0);
    const sampled = createTraceContext();
    expect(telemetry.startSpan('job', { parent: sampled }).context.traceFlags & 1).toBe(1);
  });

  it('is the one that another sink gave', async () => {
    const context = createTraceContext();
    const span = telemetry.startSpan('job', { context, parent: null });
    expect(span.context).toBe(context);
    expect(await eventsOf(span)).toMatchObject([{ span_id: context.spanId }]);
  });

  it('has no parent span in another trace', async () => {
    const span = telemetry.startSpan('job', { context: createTraceContext(), parent: createTraceContext() });
    expect((await eventsOf(span))[0]).not.toHaveProperty('parent_span_id');
  });

  it('stores unsampled spans, unless told otherwise', async () => {
    const parent = createTraceContext({ sampled: false });
    expect(await typesOf(telemetry.startSpan('job', { parent }))).toEqual(['job:started']);
    start({ respectSampling: true });
    const silent = telemetry.startSpan('job', { parent });
    silent.end();
    expect(silent.isRecording).toBe(false);
    expect(silent.context.traceId).toBe(parent.traceId);
    expect(await eventsOf(silent)).toEqual([]);
  });

  it('is found by work inside, with AsyncLocalStorage', async () => {
    start({ ambient: new AsyncLocalStorage() });
    await traced(telemetry, 'outer', async (outer) => {
      await Promise.resolve();
      expect(telemetry.activeContext()).toEqual(outer.context);
      expect(telemetry.startSpan('inner').context.traceId).toBe(outer.context.traceId);
      telemetry.withContext(undefined, () => expect(telemetry.activeContext()).toBeUndefined());
    });
    expect(telemetry.activeContext()).toBeUndefined();
  });

  it('is not found without an ambient context, and everything still runs once', () => {
    const work = vi.fn(() => telemetry.activeContext());
    expect(telemetry.startSpan('outer').run(work)).toBeUndefined();
    expect(telemetry.withContext(createTraceContext(), work)).toBeUndefined();
    expect(work).toHaveBeenCalledTimes(2);
  });
});

describe('event telemetry', () => {
  it('takes spans made elsewhere, ids and times intact', async () => {
    const context = createTraceContext();
    const startTime = Date.UTC(2026, 0, 31);
    telemetry.importSpans?.([
      {
        name: 'resize',
        subject: 'task',
        context,
        startTime,
        endTime: startTime + 5,
        outcome: 'error',
        error: { type: 'RangeError', message: 'too large' },
      },
    ]);
    expect(await eventsOf({ context })).toMatchObject([
      { event_type: 'task:started', span_id: context.spanId, timestamp: '2026-01-31T00:00:00.000000Z' },
      {
        event_type: 'task:failed',
        timestamp: '2026-01-31T00:00:00.005000Z',
        data: { error: { type: 'RangeError', message: 'too large' } },
      },
    ]);
  });

  it('is for spans, not for measurements', () => {
    expect(telemetry.isEnabled('spans')).toBe(true);
    expect(telemetry.isEnabled('measurements')).toBe(false);
    const read = vi.fn();
    telemetry.observe({ kind: 'gauge', name: 'x', unit: '1' }, read)();
    telemetry.emitEvent({ name: 'x', instruments: [] }, {});
    expect(read).not.toHaveBeenCalled();
  });

  it('tells the account when flushed', async () => {
    telemetry.startSpan('job').end();
    expect(await telemetry.flush()).toMatchObject({ complete: true, account: { accepted: 2, stored: 2 } });
  });

  it('stops its writer at shutdown and leaves the store open', async () => {
    telemetry.startSpan('job').end();
    expect(await telemetry.shutdown()).toMatchObject({ complete: true });
    telemetry.startSpan('late');
    expect(writer.stats().dropped).toEqual({ closed: 1 });
    expect((await store.listTraces()).traces).toHaveLength(1);
  });
});

describe('createEventTelemetry', () => {
  it.each([
    ['writer', undefined],
    ['writer', {}],
    ['writer', { writer: new MemoryTraceStore() }],
    ['ambient', { writer: new EventWriter(new MemoryTraceStore()), ambient: {} }],
  ])('refuses a %s that cannot be meant', (name, options) => {
    expect(() => createEventTelemetry(options as unknown as EventTelemetryOptions)).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: `createEventTelemetry.${name}` }),
    );
  });
});
