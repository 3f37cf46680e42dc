import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createHostileTelemetry,
  createRecordingTelemetry,
  telemetryFaults,
  telemetryHooks,
} from '../testing/index.ts';
import type { Carrier } from '../trace-context/carrier.ts';
import { createTraceContext, isValidTraceContext } from '../trace-context/trace-context.ts';
import { combineTelemetry } from './combine.ts';
import { defineEventKind } from './event-kind.ts';
import { resolveTelemetry } from './guard.ts';
import { noopTelemetry } from './noop.ts';
import type { Telemetry } from './telemetry.ts';
import { telemetryHealth } from './telemetry-health.ts';
import { traced } from './traced.ts';

const ticks = defineEventKind<{ n: number }>('tick', [
  { kind: 'counter', name: 'ticks', unit: '{tick}', value: (event) => event.n },
]);
const depth = { kind: 'gauge', name: 'depth', unit: '{job}' } as const;
const quietly = { report: () => {} };

const result = { very: 'result' };
const failure = new Error('of the host');
const promise = Promise.resolve(result);

/** Runs one host function that returns and one that throws through `enter`; tells what the host saw. */
function outcomes(enter: (fn: () => unknown) => unknown): unknown[] {
  let calls = 0;
  const seen = [
    enter(() => {
      calls++;
      return result;
    }) === result,
    enter(() => {
      calls++;
      return promise;
    }) === promise,
  ];
  try {
    enter(() => {
      calls++;
      throw failure;
    });
  } catch (error) {
    seen.push(error === failure);
  }
  return [...seen, calls];
}

/** Uses every hook of a telemetry as a source does, and tells everything that the host could notice. */
async function host(telemetry: Telemetry): Promise<Record<string, unknown>> {
  const context = telemetry.propagation.extract({ traceparent: 'nonsense' });
  const active = telemetry.activeContext();
  const span = telemetry.startSpan('work', { kind: 'consumer', parent: null });
  span.identify({ system: 'test', id: '1' });
  span.setAttributes({ a: 1 });
  span.addEvent('point', { b: 2 });
  span.addLink({ context: createTraceContext() });
  const carrier: Carrier = {};
  telemetry.propagation.inject(createTraceContext(), carrier);
  telemetry.emitEvent(ticks, { n: 1 });
  const stop = telemetry.observe(depth, (observe) => observe(3));
  telemetry.importSpans?.([]);
  const seen = {
    run: outcomes((fn) => span.run(fn)),
    withContext: outcomes((fn) => telemetry.withContext(createTraceContext(), fn)),
    isEnabled: typeof telemetry.isEnabled('spans'),
    isRecording: typeof span.isRecording,
    ids: [span.context.traceId.length, span.context.spanId.length, typeof span.context.traceFlags],
    contexts: [context, active].map((each) => each === undefined || isValidTraceContext(each)),
    carrier: Object.values(JSON.parse(JSON.stringify(carrier))).every((text) => typeof text === 'string'),
  };
  span.end({ outcome: 'ok' });
  span.end();
  stop();
  stop();
  const flushed = await telemetry.flush({ timeoutMs: 2 });
  const stopped = await telemetry.shutdown({ timeoutMs: 2 });
  return { ...seen, flushed: typeof flushed.complete, stopped: typeof stopped.complete };
}

/** What `traced` gives its caller, for functions that return, throw, resolve and reject. */
async function tracedOutcomes(telemetry: Telemetry): Promise<unknown[]> {
  let calls = 0;
  const run = async (fn: () => unknown): Promise<unknown> => {
    const counted = (): unknown => {
      calls++;
      return fn();
    };
    try {
      return (await traced(telemetry, 'work', counted)) === result;
    } catch (error) {
      return error === failure;
    }
  };
  return [
    await run(() => result),
    await run(async () => result),
    await run(async () => {
      throw failure;
    }),
    await run(() => {
      throw failure;
    }),
    calls,
  ];
}

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown): void => void unhandled.push(error);
beforeAll(() => void process.on('unhandledRejection', onUnhandled));
afterAll(() => void process.off('unhandledRejection', onUnhandled));

beforeEach(() => void unhandled.splice(0));

const macrotask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const expected = await host(noopTelemetry);

describe('a telemetry that is a proxy', () => {
  const agreeable: unknown = new Proxy(() => {}, { get: () => agreeable, apply: () => agreeable });
  const explode = (): never => {
    throw new Error('thrown by a proxy');
  };

  it.each([
    ['agrees to everything', agreeable],
    ['throws at every touch', new Proxy({}, { get: explode, has: explode, ownKeys: explode })],
  ])('does not reach the host when it %s', async (_, proxy) => {
    expect(await host(resolveTelemetry(proxy as Telemetry, quietly))).toEqual(expected);
    expect(await tracedOutcomes(proxy as Telemetry)).toEqual([true, true, true, true, 4]);
  });
});

describe.each(telemetryHooks)('a telemetry whose %s hook fails', (hook) => {
  it.each(telemetryFaults)('does not reach the host when it %s', async (fault) => {
    const hostile = createHostileTelemetry(hook, fault);

    expect(await host(resolveTelemetry(hostile, quietly))).toEqual(expected);
    expect(await tracedOutcomes(hostile)).toEqual([true, true, true, true, 4]);

    await macrotask();
    expect(unhandled).toEqual([]);
  });

  it.each(telemetryFaults)('takes nothing from a telemetry it is combined with when it %s', async (fault) => {
    for (const position of [0, 1]) {
      const healthy = createRecordingTelemetry();
      const hostile = resolveTelemetry(createHostileTelemetry(hook, fault), quietly);
      const combined =
        position === 0 ? combineTelemetry(hostile, healthy) : combineTelemetry(healthy, hostile);

      expect(await host(combined)).toEqual(expected);

      expect(healthy.spans).toMatchObject([{ name: 'work', outcome: 'ok', attributes: { a: 1 } }]);
      expect(healthy.events).toHaveLength(1);
    }
    await macrotask();
    expect(unhandled).toEqual([]);
  });

  it('is counted under its name when it throws', async () => {
    const telemetry = resolveTelemetry(createHostileTelemetry(hook, 'throws'), quietly);
    await host(telemetry);
    expect(telemetryHealth(telemetry).failures).toHaveProperty([hook]);
  });

  it('would reach the host without the guard', async () => {
    const seen = await host(createHostileTelemetry(hook, 'throws')).catch((error: Error) => error.message);
    expect(seen).not.toEqual(expected);
  });
});
