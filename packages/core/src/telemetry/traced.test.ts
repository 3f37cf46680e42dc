import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { createRecordingTelemetry } from '../testing/index.ts';
import { createTraceContext } from '../trace-context/trace-context.ts';
import { noopTelemetry } from './noop.ts';
import { outcomeOf, traced } from './traced.ts';

const thrower = (error: unknown) => (): never => {
  throw error;
};

describe('traced', () => {
  it('returns what a synchronous function returns, at once', () => {
    const telemetry = createRecordingTelemetry();
    expect(traced(telemetry, 'add', () => 1 + 1)).toBe(2);
    expect(telemetry.find('add')).toMatchObject({ outcome: 'ok', endTime: expect.any(Number) });
  });

  it('resolves with what an asynchronous function resolves with', async () => {
    const telemetry = createRecordingTelemetry();
    const value = {};
    expect(await traced(telemetry, 'load', async () => value)).toBe(value);
    expect(telemetry.find('load')?.outcome).toBe('ok');
  });

  it('keeps the span open until the promise settles', async () => {
    const telemetry = createRecordingTelemetry();
    const work = traced(telemetry, 'load', () => Promise.resolve());
    expect(telemetry.find('load')?.endTime).toBeUndefined();
    await work;
    expect(telemetry.find('load')?.endTime).toEqual(expect.any(Number));
  });

  it('rethrows the very error of a synchronous function', () => {
    const telemetry = createRecordingTelemetry();
    const error = new Error('no funds');
    expect(() => traced(telemetry, 'charge', thrower(error))).toThrow(error);
    expect(telemetry.find('charge')).toMatchObject({ outcome: 'error', error });
  });

  it.each([undefined, null, 0, 'text', Symbol('s')])('rethrows %o as it is', async (thrown) => {
    const telemetry = createRecordingTelemetry();
    await expect(traced(telemetry, 'charge', async () => Promise.reject(thrown))).rejects.toBe(thrown);
    expect(telemetry.find('charge')?.outcome).toBe('error');
  });

  it('calls the then of a lazy thenable once, inside of the span', async () => {
    const telemetry = createRecordingTelemetry({ ambient: new AsyncLocalStorage() });
    const active: unknown[] = [];
    const query: PromiseLike<number> = {
      // biome-ignore lint/suspicious/noThenProperty: query builders of databases are such objects
      then: (done) => {
        active.push(telemetry.activeContext()?.spanId);
        return Promise.resolve(7).then(done);
      },
    };
    expect(await traced(telemetry, 'query', () => query)).toBe(7);
    expect(active).toEqual([telemetry.find('query')?.context.spanId]);
  });

  it('returns an object whose then cannot be read as it is', () => {
    const odd = {
      // biome-ignore lint/suspicious/noThenProperty: what a hostile result looks like
      get then(): never {
        throw new Error('no');
      },
    };
    expect(traced(createRecordingTelemetry(), 'odd', () => odd)).toBe(odd);
  });

  it('makes the span active for the function', () => {
    const telemetry = createRecordingTelemetry();
    const active = traced(telemetry, 'outer', () => telemetry.activeContext());
    expect(active).toEqual(telemetry.find('outer')?.context);
  });

  it('hands the span to the function', () => {
    const telemetry = createRecordingTelemetry();
    traced(telemetry, 'charge', (span) => span.setAttributes({ currency: 'EUR' }));
    expect(telemetry.find('charge')?.attributes).toEqual({ currency: 'EUR' });
  });

  it('lets the function end the span with an outcome of its own', () => {
    const telemetry = createRecordingTelemetry();
    traced(telemetry, 'admit', (span) => span.end({ outcome: 'rejected' }));
    expect(telemetry.find('admit')?.outcome).toBe('rejected');
  });

  it('passes span options on', () => {
    const telemetry = createRecordingTelemetry();
    const parent = createTraceContext();
    traced(telemetry, 'charge', () => {}, {
      parent,
      kind: 'client',
      subject: 'stage:charge',
      data: { order: 'o-1' },
    });
    expect(telemetry.find('charge')).toMatchObject({
      parent,
      kind: 'client',
      subject: 'stage:charge',
      data: { order: 'o-1' },
    });
  });

  it('stores what it compensates, beside the data and links it was given', () => {
    const telemetry = createRecordingTelemetry();
    const [original, other] = [createTraceContext(), createTraceContext()];
    traced(telemetry, 'undo', () => {}, {
      compensates: original,
      data: { amount: 5 },
      links: [{ context: other }],
    });
    expect(telemetry.find('undo')).toMatchObject({
      data: { amount: 5, original_span_id: original.spanId },
      links: [{ context: other }, { context: original, relation: 'compensates' }],
    });
  });

  it('lets the caller judge errors', () => {
    const telemetry = createRecordingTelemetry();
    expect(() =>
      traced(telemetry, 'admit', thrower(new Error('full')), { outcomeOf: () => 'rejected' }),
    ).toThrow('full');
    expect(telemetry.find('admit')?.outcome).toBe('rejected');
  });

  it('shows the caller the error of its function, not that of a judge that fails', () => {
    const telemetry = createRecordingTelemetry();
    const options = { outcomeOf: thrower(new Error('of the judge')) };
    expect(() => traced(telemetry, 'admit', thrower(new Error('full')), options)).toThrow('full');
    expect(telemetry.find('admit')?.outcome).toBe('error');
  });

  it('leaves an unhandled rejection unhandled', async () => {
    const error = new Error('nobody listens');
    const seen = new Promise((resolve) => process.once('unhandledRejection', resolve));
    void traced(createRecordingTelemetry(), 'lost', async () => thrower(error)());
    expect(await seen).toBe(error);
  });

  it.each([undefined, null, noopTelemetry])(
    'returns the very promise of the function when telemetry is %o',
    (nothing) => {
      const promise = Promise.resolve();
      expect(traced(nothing, 'work', () => promise)).toBe(promise);
    },
  );
});

describe('outcomeOf', () => {
  it.each([
    [new DOMException('stop', 'AbortError'), 'canceled'],
    [new DOMException('late', 'TimeoutError'), 'timeout'],
    [AbortSignal.abort().reason, 'canceled'],
    [new Error('no'), 'error'],
    [undefined, 'error'],
    ['AbortError', 'error'],
  ])('of %o is %s', (error, outcome) => {
    expect(outcomeOf(error)).toBe(outcome);
  });

  it('is error for what cannot be looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(outcomeOf(proxy)).toBe('error');
  });
});
