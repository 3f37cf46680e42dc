import { diag, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { SpanEnd } from '@throughline/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RealTracing, registerTracing, unregisterEverything } from '../test/real-sdk.ts';
import { createOtelTelemetry } from './create-otel-telemetry.ts';
import type { OtelTelemetryOptions } from './otel-telemetry-options.ts';

let tracing: RealTracing;
beforeEach(() => {
  tracing = registerTracing();
});
afterEach(unregisterEverything);

function ended(end?: SpanEnd, options?: OtelTelemetryOptions): ReadableSpan {
  createOtelTelemetry(options).startSpan('work').end(end);
  return tracing.span('work');
}

const { ERROR, OK, UNSET } = SpanStatusCode;

describe('the status of an ended span', () => {
  it.each([
    ['ok', OK],
    ['error', ERROR],
    ['timeout', ERROR],
    ['rejected', ERROR],
    ['dropped', ERROR],
    ['retry', ERROR],
    ['lost', ERROR],
    ['canceled', UNSET],
    ['delayed', UNSET],
    ['rate_limited', UNSET],
    ['waiting', UNSET],
    ['released', UNSET],
  ] as const)('of outcome %s is %i', (outcome, code) => {
    expect(ended({ outcome }).status.code).toBe(code);
  });

  it('is OK when nothing is said', () => {
    expect(ended().status.code).toBe(OK);
  });

  it('is ERROR with the message when only an error is given', () => {
    expect(ended({ error: new TypeError('no such customer') }).status).toEqual({
      code: ERROR,
      message: 'no such customer',
    });
  });

  it("is UNSET for ok with successStatus 'unset'", () => {
    expect(ended({ outcome: 'ok' }, { successStatus: 'unset' }).status.code).toBe(UNSET);
  });

  it('stays ERROR when the work itself set it on the active span', () => {
    const span = createOtelTelemetry().startSpan('work');
    span.run(() => trace.getActiveSpan()?.setStatus({ code: ERROR, message: 'half of it failed' }));
    span.end({ outcome: 'ok' });
    expect(tracing.span('work').status).toEqual({ code: ERROR, message: 'half of it failed' });
  });

  it('is UNSET for an outcome that nobody knows', () => {
    expect(ended({ outcome: 'exploded' as never }).status.code).toBe(UNSET);
  });
});

describe('error.type', () => {
  it.each([
    ['timeout', 'timeout'],
    ['rejected', 'rejected'],
    ['dropped', 'dropped'],
    ['lost', 'lost'],
    ['error', '_OTHER'],
    ['retry', '_OTHER'],
  ] as const)('of outcome %s without an error is %s', (outcome, type) => {
    expect(ended({ outcome }).attributes['error.type']).toBe(type);
  });

  it('is the class of the error', () => {
    expect(ended({ error: new RangeError('too many') }).attributes['error.type']).toBe('RangeError');
  });

  it('is lost for a lost lease, whatever the error was', () => {
    expect(ended({ outcome: 'lost', error: new Error('missing lock') }).attributes['error.type']).toBe(
      'lost',
    );
  });

  it('is what the source states at the end', () => {
    const attributes = { 'error.type': 'worker_crash' };
    expect(ended({ outcome: 'error', error: new Error('x'), attributes }).attributes['error.type']).toBe(
      'worker_crash',
    );
  });

  it.each(['ok', 'canceled', 'delayed', 'waiting'] as const)('is absent for outcome %s', (outcome) => {
    expect(ended({ outcome, error: new Error('control flow') }).attributes).not.toHaveProperty('error.type');
  });
});

describe('throughline.outcome', () => {
  it.each(['error', 'retry', 'lost', 'canceled', 'delayed', 'waiting'] as const)('says %s', (outcome) => {
    expect(ended({ outcome }).attributes['throughline.outcome']).toBe(outcome);
  });

  it('is absent when the work went well', () => {
    expect(ended({ outcome: 'ok' }).attributes).toEqual({});
  });
});

describe('throughline.will_retry', () => {
  it('is true when another attempt follows', () => {
    expect(ended({ outcome: 'retry', error: new Error('x') }).attributes['throughline.will_retry']).toBe(
      true,
    );
  });

  it('is absent on the last failure', () => {
    expect(ended({ error: new Error('x') }).attributes).not.toHaveProperty('throughline.will_retry');
  });
});

describe('the exception event of a failed span', () => {
  it('has the type and the message', () => {
    expect(ended({ error: new RangeError('too many') }).events).toMatchObject([
      { name: 'exception', attributes: { 'exception.type': 'RangeError', 'exception.message': 'too many' } },
    ]);
  });

  it('has no stack', () => {
    expect(ended({ error: new Error('x') }).events[0]?.attributes).not.toHaveProperty('exception.stacktrace');
  });

  it('has the stack with recordStacks', () => {
    const [event] = ended({ error: new Error('x') }, { recordStacks: true }).events;
    expect(event?.attributes?.['exception.stacktrace']).toContain('otel-span.test.ts');
  });

  it('masks secrets in message and stack, on the status as well', () => {
    const error = new Error('GET https://user:hunter2@db.example/x failed');
    const { events, status } = ended({ error }, { recordStacks: true });
    expect(JSON.stringify([events, status])).not.toContain('hunter2');
  });

  it('names the class, not the code, of an error with a code', () => {
    const error = Object.assign(new TypeError('refused'), { code: 'ECONNREFUSED' });
    expect(ended({ error }).events[0]?.attributes?.['exception.type']).toBe('TypeError');
  });

  it('is absent without recordExceptions', () => {
    expect(ended({ error: new Error('x') }, { recordExceptions: false }).events).toEqual([]);
  });

  it.each(['delayed', 'rate_limited', 'waiting', 'canceled'] as const)('is absent for %s', (outcome) => {
    expect(ended({ outcome, error: new Error('control flow') }).events).toEqual([]);
  });

  it.each([
    ['a string', 'boom'],
    ['null', null],
    ['a number', 7],
    ['a frozen object', Object.freeze({})],
  ])('is recorded for %s that was thrown', (_what, error) => {
    expect(ended({ outcome: 'error', error }).events).toHaveLength(1);
  });

  it('is recorded for a hostile error', () => {
    const error = new Proxy(new Error('x'), {
      get() {
        throw new Error('getter');
      },
    });
    expect(ended({ outcome: 'error', error }).status.code).toBe(ERROR);
  });
});

describe('an ended span', () => {
  it('has the attributes that came at the end', () => {
    expect(ended({ attributes: { 'messaging.message.id': '7' } }).attributes['messaging.message.id']).toBe(
      '7',
    );
  });

  it('ends only once', () => {
    const span = createOtelTelemetry().startSpan('work');
    span.end({ outcome: 'canceled' });
    span.end({ outcome: 'error' });
    expect(tracing.span('work').status.code).toBe(UNSET);
  });

  it('gives the SDK nothing to complain about', () => {
    const complain = vi.fn();
    diag.setLogger({ error: complain, warn: complain, info() {}, debug() {}, verbose() {} });
    const span = createOtelTelemetry().startSpan('work', {
      startTime: performance.timeOrigin + performance.now(),
    });
    span.end();
    span.end();
    span.setAttributes({ late: true });
    diag.disable();
    expect(complain).not.toHaveBeenCalled();
  });

  it('does not record', () => {
    const span = createOtelTelemetry().startSpan('work');
    span.end();
    expect(span.isRecording).toBe(false);
  });

  it('ignores what is set later', () => {
    const span = createOtelTelemetry().startSpan('work');
    span.end();
    span.setAttributes({ late: true });
    span.addEvent('late');
    span.addLink({ context: span.context });
    expect(tracing.span('work')).toMatchObject({ attributes: {}, events: [], links: [] });
  });

  it('is exported when an attribute cannot be read', () => {
    const attributes = {
      get broken(): string {
        throw new Error('getter');
      },
    };
    const span = createOtelTelemetry().startSpan('work');
    expect(() => span.end({ attributes })).toThrow('getter');
    expect(tracing.span('work').ended).toBe(true);
  });
});

describe('a running span', () => {
  it('takes attributes, and skips those that are undefined', () => {
    const span = createOtelTelemetry().startSpan('work', { attributes: { a: 1, b: undefined } });
    span.setAttributes({ c: ['x', 'y'], d: undefined });
    span.end();
    expect(tracing.span('work').attributes).toEqual({ a: 1, c: ['x', 'y'] });
  });

  it('takes events with attributes and a time', () => {
    const span = createOtelTelemetry().startSpan('work');
    span.addEvent('half done', { percent: 50, note: undefined }, 1_700_000_000_250);
    span.end();
    expect(tracing.span('work').events).toMatchObject([
      { name: 'half done', attributes: { percent: 50 }, time: [1_700_000_000, 250_000_000] },
    ]);
    expect(tracing.span('work').events[0]?.attributes).not.toHaveProperty('note');
  });

  it('takes links with their relation', () => {
    const telemetry = createOtelTelemetry();
    const earlier = telemetry.startSpan('earlier');
    const span = telemetry.startSpan('work');
    span.addLink({ context: earlier.context, relation: 'retry_of', attributes: { attempt: 1 } });
    span.end();
    expect(tracing.span('work').links).toMatchObject([
      {
        context: { traceId: earlier.context.traceId, spanId: earlier.context.spanId },
        attributes: { 'throughline.relation': 'retry_of', attempt: 1 },
      },
    ]);
  });

  it('drops a link that points nowhere', () => {
    const span = createOtelTelemetry().startSpan('work');
    span.addLink({ context: { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 } });
    span.end();
    expect(tracing.span('work').links).toEqual([]);
  });
});
