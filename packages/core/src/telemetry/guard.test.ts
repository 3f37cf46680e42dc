import { afterEach, describe, expect, it, vi } from 'vitest';
import { isThroughlineError } from '../errors/throughline-error.ts';
import { createHostileTelemetry, createRecordingTelemetry } from '../testing/index.ts';
import { w3cPropagation } from '../trace-context/propagation.ts';
import { createTraceContext } from '../trace-context/trace-context.ts';
import { resolveTelemetry } from './guard.ts';
import { noopTelemetry } from './noop.ts';
import type { Telemetry } from './telemetry.ts';
import { telemetryHealth } from './telemetry-health.ts';

const quietly = { report: () => {} };
const noSpan = (): never => undefined as never;

function problemWith(telemetry: unknown): string {
  try {
    resolveTelemetry(telemetry as Telemetry);
  } catch (error) {
    if (isThroughlineError(error, 'THROUGHLINE_TELEMETRY_INVALID')) return error.message;
    throw error;
  }
  return 'none';
}

describe('resolveTelemetry', () => {
  it.each([undefined, null, noopTelemetry])('gives the no-op itself for %o', (nothing) => {
    expect(resolveTelemetry(nothing)).toBe(noopTelemetry);
  });

  it('gives the same guard for the same telemetry', () => {
    const telemetry = createRecordingTelemetry();
    expect(resolveTelemetry(telemetry)).toBe(resolveTelemetry(telemetry));
  });

  it('guards a guard no second time', () => {
    const guarded = resolveTelemetry(createRecordingTelemetry());
    expect(resolveTelemetry(guarded)).toBe(guarded);
  });

  it('calls hooks on the telemetry they belong to', () => {
    class Counting {
      #events = 0;
      emitEvent(): void {
        this.#events++;
      }
      get events(): number {
        return this.#events;
      }
    }
    const counting = new Counting();
    resolveTelemetry(counting).emitEvent({ name: 'x', instruments: [] }, {});
    expect(counting.events).toBe(1);
  });

  it('fills absent hooks from the no-op', () => {
    const parent = createTraceContext();
    const telemetry = resolveTelemetry({ emitEvent: () => {} });
    expect(telemetry.startSpan('work', { parent }).context).toEqual(parent);
  });

  it('leaves importSpans absent where it is absent', () => {
    expect('importSpans' in resolveTelemetry({ emitEvent: () => {} })).toBe(false);
  });

  it.each([
    [{ startSpan: noSpan }, true, false],
    [{ emitEvent: () => {} }, false, true],
    [{ observe: () => () => {} }, false, true],
    [{ startSpan: noSpan, emitEvent: () => {}, isEnabled: () => false }, false, false],
  ])('knows what is enabled when there is %o', (telemetry, spans, measurements) => {
    const resolved = resolveTelemetry(telemetry);
    expect([resolved.isEnabled('spans'), resolved.isEnabled('measurements')]).toEqual([spans, measurements]);
  });

  it('keeps the W3C propagation of a telemetry that brings only the other half', () => {
    const carrier = {};
    const { propagation } = resolveTelemetry({ propagation: { extract: () => undefined } as never });
    propagation.inject(createTraceContext(), carrier);
    expect(carrier).toHaveProperty('traceparent');
  });

  it('treats a member whose getter throws as absent, and counts it', () => {
    const telemetry = resolveTelemetry(
      {
        get startSpan(): never {
          throw new Error('not today');
        },
      },
      quietly,
    );
    expect(telemetry.startSpan('work').isRecording).toBe(false);
    expect(telemetryHealth(telemetry).failures).toEqual({ startSpan: 1 });
  });

  it('guards a revoked proxy', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(resolveTelemetry(proxy, quietly).isEnabled('spans')).toBe(false);
  });

  it.each([
    [42, 'telemetry is 42'],
    ['otel', 'telemetry is otel'],
    [true, 'telemetry is true'],
    [Symbol('t'), 'telemetry is Symbol(t)'],
    [{}, 'telemetry has no hook of Telemetry'],
    [() => noopTelemetry, 'telemetry has no hook of Telemetry'],
    [{ flush: async () => {}, shutdown: async () => {} }, 'telemetry has no hook of Telemetry'],
    [{ startSpan: 'yes' }, 'telemetry.startSpan is of type string; give a function'],
    [{ startSpan: noSpan, flush: null }, 'telemetry.flush is of type object; give a function'],
    [{ propagation: 'w3c' }, 'telemetry.propagation is w3c'],
    [{ propagation: { inject: 1 } }, 'telemetry.propagation.inject is of type number; give a function'],
    [
      { startSpan: noSpan, startActiveSpan: noSpan },
      'telemetry is an OpenTelemetry tracer; give createOtelTelemetry({ tracer })',
    ],
  ])('refuses %o', (telemetry, problem) => {
    expect(problemWith(telemetry)).toContain(problem);
  });

  describe('reporting', () => {
    afterEach(() => {
      vi.restoreAllMocks();
    });

    it('tells the first failure of a telemetry, and only that', () => {
      const reports: unknown[][] = [];
      const telemetry = resolveTelemetry(createHostileTelemetry('startSpan', 'throws'), {
        report: (message, error) => reports.push([message, error]),
      });
      telemetry.startSpan('one');
      telemetry.startSpan('two');
      expect(reports).toEqual([[expect.stringContaining('startSpan'), expect.any(Error)]]);
    });

    it('warns on the console unless told otherwise', () => {
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      resolveTelemetry(createHostileTelemetry('startSpan', 'throws')).startSpan('work');
      expect(warn).toHaveBeenCalledExactlyOnceWith(
        expect.stringContaining('telemetryHealth'),
        expect.any(Error),
      );
    });

    it('survives a report that throws', () => {
      const telemetry = resolveTelemetry(createHostileTelemetry('startSpan', 'throws'), {
        report: () => {
          throw new Error('no');
        },
      });
      expect(telemetry.startSpan('work').isRecording).toBe(false);
    });
  });
});

describe('a guarded span', () => {
  it('carries the context of its sink', () => {
    const recording = createRecordingTelemetry();
    const span = resolveTelemetry(recording).startSpan('work');
    expect(span.context).toEqual(recording.spans[0]?.context);
  });

  it.each(['throws', 'returns null', 'returns a number', 'returns an empty object'] as const)(
    'carries the context of its parent when the sink %s instead of giving one',
    (fault) => {
      const parent = createTraceContext();
      const telemetry = resolveTelemetry(createHostileTelemetry('span.context', fault), quietly);
      expect(telemetry.startSpan('work', { parent }).context).toEqual(parent);
    },
  );

  it('takes a context of zeros for "no identity", which is no failure', () => {
    const telemetry = resolveTelemetry({ startSpan: () => noopTelemetry.startSpan('silent') });
    const parent = createTraceContext();
    expect(telemetry.startSpan('work', { parent }).context).toEqual(parent);
    expect(telemetryHealth(telemetry).failures).toEqual({});
  });

  it('stands for the active context when its sink makes no span at all', () => {
    const active = createTraceContext();
    const telemetry = resolveTelemetry({ startSpan: noSpan, activeContext: () => active }, quietly);
    expect(telemetry.startSpan('work').context).toEqual(active);
  });

  it('ends its sink’s span once', () => {
    let ends = 0;
    const silent = noopTelemetry.startSpan('silent');
    const sinkSpan = Object.assign(Object.create(silent), { end: () => ends++ });
    const span = resolveTelemetry({ startSpan: () => sinkSpan }).startSpan('work');
    span.end();
    span.end();
    expect(ends).toBe(1);
  });
});

describe('a guarded propagation', () => {
  it('removes the tracestate of an earlier context when the new one has none', () => {
    const inject = (_context: unknown, carrier: { traceparent?: string }): void => {
      carrier.traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    };
    const { propagation } = resolveTelemetry({ propagation: { inject, extract: () => undefined } });
    const carrier = { tracestate: 'vendor=old' };
    propagation.inject(createTraceContext(), carrier);
    expect(Object.keys(carrier)).toEqual(['traceparent']);
  });

  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  it('counts carriers that are not believed, by reason', () => {
    const telemetry = resolveTelemetry(createRecordingTelemetry());
    telemetry.propagation.extract({ traceparent: 'nonsense' });
    telemetry.propagation.extract('{not json');
    telemetry.propagation.extract('{not json');
    expect(telemetryHealth(telemetry).rejectedCarriers).toEqual({
      traceparent_malformed: 1,
      invalid_json: 2,
    });
  });

  it.each([undefined, null, '', {}])('does not count %o, where nobody sent a context', (carrier) => {
    const telemetry = resolveTelemetry(createRecordingTelemetry());
    telemetry.propagation.extract(carrier);
    expect(telemetryHealth(telemetry).rejectedCarriers).toEqual({});
  });

  it('keeps the thread with W3C carriers when the sink’s own propagation throws', () => {
    const carrier = {};
    const context = createTraceContext();
    for (const hook of ['propagation.inject', 'propagation.extract'] as const) {
      const { propagation } = resolveTelemetry(createHostileTelemetry(hook, 'throws'), quietly);
      propagation.inject(context, carrier);
      expect(propagation.extract(carrier)).toMatchObject({
        traceId: context.traceId,
        spanId: context.spanId,
      });
    }
  });

  it('believes a sink that finds no context', () => {
    const { propagation } = resolveTelemetry({
      propagation: { ...w3cPropagation, extract: () => undefined },
    });
    expect(propagation.extract({ traceparent })).toBeUndefined();
  });

  it('lets nothing but text into a carrier', () => {
    const carrier = { relation: 'link' as const };
    const inject = (_: unknown, into: object): void => {
      Object.assign(into, { traceparent, b3: 'kept', size: 10n, also: { nested: true } });
    };
    resolveTelemetry({ propagation: { ...w3cPropagation, inject } }).propagation.inject(
      createTraceContext(),
      carrier,
    );
    expect(carrier).toEqual({ relation: 'link', traceparent, b3: 'kept' });
  });
});

describe('a guarded flush', () => {
  it('gives the sink’s own result', async () => {
    const account = {
      accepted: 2,
      stored: 1,
      duplicates: 0,
      spooled: 0,
      dropped: { full: 1 },
      rejected: 0,
      buffered: 0,
      replayed: 0,
    };
    const telemetry = resolveTelemetry({
      startSpan: noSpan,
      flush: async () => ({ complete: false, reason: 'timeout', account }),
    });
    expect(await telemetry.flush()).toEqual({ complete: false, reason: 'timeout', account });
  });

  it('is failed when the sink rejects, and says with what', async () => {
    const telemetry = resolveTelemetry(createHostileTelemetry('flush', 'rejects'), quietly);
    const { error, ...result } = await telemetry.flush();
    expect(result).toEqual({ complete: false, reason: 'failed' });
    expect(error).toBe(telemetryHealth(telemetry).lastError);
  });

  it.each([1, -1, Number.NaN, 1e12])('does not outlast a deadline of %d ms', async (timeoutMs) => {
    vi.useFakeTimers();
    const telemetry = resolveTelemetry(createHostileTelemetry('shutdown', 'hangs'), quietly);
    const stopped = telemetry.shutdown({ timeoutMs });
    await vi.advanceTimersByTimeAsync(timeoutMs === 1e12 ? 2 ** 31 - 1 : 5000);
    expect(await stopped).toEqual({ complete: false, reason: 'timeout' });
    vi.useRealTimers();
  });

  it('lets a sink that keeps the same deadline answer first', async () => {
    vi.useFakeTimers();
    const flush: Telemetry['flush'] = (options) =>
      new Promise((resolve) =>
        setTimeout(resolve, options?.timeoutMs, { complete: false, reason: 'timeout', account: undefined }),
      );
    const telemetry = resolveTelemetry({ startSpan: noSpan, flush });
    const flushed = telemetry.flush({ timeoutMs: 100 });
    await vi.advanceTimersByTimeAsync(100);
    await flushed;
    expect(telemetryHealth(telemetry).failures).toEqual({});
    vi.useRealTimers();
  });

  it('keeps the process until its deadline, so that whoever awaits it gets an answer', async () => {
    const setTimer = vi.spyOn(globalThis, 'setTimeout');
    const telemetry = resolveTelemetry(createHostileTelemetry('flush', 'hangs'), quietly);
    await telemetry.flush({ timeoutMs: 1 });
    expect(setTimer.mock.results.map(({ value }) => value.hasRef())).toContain(true);
    setTimer.mockRestore();
  });

  it('leaves no timer behind', async () => {
    vi.useFakeTimers();
    await resolveTelemetry(createRecordingTelemetry()).flush();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

describe('a guarded observation', () => {
  it('keeps what the reader of the host throws from the sink', () => {
    const recording = createRecordingTelemetry();
    const telemetry = resolveTelemetry(recording, quietly);
    telemetry.observe({ kind: 'gauge', name: 'depth', unit: '{job}' }, () => {
      throw new Error('the queue is gone');
    });
    expect(recording.collect()).toEqual([]);
    expect(telemetryHealth(telemetry).failures).toEqual({ 'observe.read': 1 });
  });

  it('does not call the reader after it was stopped, whatever the sink does', () => {
    let reads = 0;
    const readers: (() => void)[] = [];
    const telemetry = resolveTelemetry({
      observe: (_, read) => {
        readers.push(() => read(() => {}));
        return () => {};
      },
    });
    const stop = telemetry.observe({ kind: 'gauge', name: 'depth', unit: '{job}' }, () => reads++);
    stop();
    for (const read of readers) read();
    expect(reads).toBe(0);
  });
});

describe('telemetryHealth', () => {
  it('is found by the telemetry the user made, too', () => {
    const hostile = createHostileTelemetry('startSpan', 'throws');
    resolveTelemetry(hostile, quietly).startSpan('work');
    expect(telemetryHealth(hostile)).toMatchObject({
      failures: { startSpan: 1 },
      lastError: expect.any(Error),
    });
  });

  it('has nothing to say about the no-op', () => {
    expect(telemetryHealth(undefined)).toEqual({
      failures: {},
      lastError: undefined,
      ambient: false,
      rejectedCarriers: {},
    });
  });

  it('tells whether the context is ambient', () => {
    expect(telemetryHealth(createRecordingTelemetry()).ambient).toBe(true);
    expect(telemetryHealth({ startSpan: noSpan }).ambient).toBe(false);
  });
});
