import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { defineEventKind } from '../telemetry/event-kind.ts';
import { traced } from '../telemetry/traced.ts';
import { createTraceContext, isValidTraceContext } from '../trace-context/trace-context.ts';
import { createRecordingTelemetry } from './recording-telemetry.ts';

const depth = { kind: 'gauge', name: 'depth', unit: '{job}' } as const;

describe('createRecordingTelemetry', () => {
  it('keeps spans in the order of their start', () => {
    const telemetry = createRecordingTelemetry();
    const first = telemetry.startSpan('first');
    telemetry.startSpan('second').end();
    first.end();
    expect(telemetry.spans.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  it('gives spans real ids', () => {
    expect(isValidTraceContext(createRecordingTelemetry().startSpan('work').context)).toBe(true);
  });

  it('takes the identity it is given', () => {
    const context = createTraceContext();
    expect(createRecordingTelemetry().startSpan('work', { context }).context).toBe(context);
  });

  it('finds the parent in the active context', () => {
    const telemetry = createRecordingTelemetry();
    traced(telemetry, 'outer', () => traced(telemetry, 'inner', () => {}));
    expect(telemetry.find('inner')?.parent).toEqual(telemetry.find('outer')?.context);
  });

  it('forgets the active context at the first await, without an ambient of its own', async () => {
    const telemetry = createRecordingTelemetry();
    await traced(telemetry, 'outer', async () => {
      await Promise.resolve();
      expect(telemetry.activeContext()).toBeUndefined();
    });
  });

  it('keeps the active context across awaits with AsyncLocalStorage', async () => {
    const telemetry = createRecordingTelemetry({ ambient: new AsyncLocalStorage() });
    await traced(telemetry, 'outer', async (span) => {
      await Promise.resolve();
      expect(telemetry.activeContext()).toEqual(span.context);
    });
  });

  it('restores the active context after a function that throws', () => {
    const telemetry = createRecordingTelemetry();
    expect(() =>
      telemetry.withContext(createTraceContext(), () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(telemetry.activeContext()).toBeUndefined();
  });

  it('takes the first end, and nothing after it', () => {
    const telemetry = createRecordingTelemetry();
    const span = telemetry.startSpan('work');
    span.end({ outcome: 'retry', endTime: 4e12 });
    span.end({ outcome: 'ok' });
    span.setAttributes({ late: true });
    span.addEvent('late');
    span.addLink({ context: createTraceContext() });
    span.identify({ system: 'late', id: '1' });
    expect(telemetry.spans).toMatchObject([
      { outcome: 'retry', endTime: 4e12, attributes: {}, events: [], links: [], entity: undefined },
    ]);
  });

  it('has no span that ends before it started', () => {
    const telemetry = createRecordingTelemetry();
    telemetry.startSpan('work', { startTime: 1_000 }).end({ endTime: 5 });
    expect(telemetry.find('work')?.endTime).toBe(1_000);
  });

  it.each([
    [{}, 'ok'],
    [{ error: new Error('no') }, 'error'],
    [{ outcome: 'lost' }, 'lost'],
  ] as const)('reads the end %o as %s', (end, outcome) => {
    const telemetry = createRecordingTelemetry();
    telemetry.startSpan('work').end(end);
    expect(telemetry.find('work')?.outcome).toBe(outcome);
  });

  it('records emitted events and what their instruments measure', () => {
    const telemetry = createRecordingTelemetry();
    const fetched = defineEventKind<{ queue: string; count: number; wait?: number }>('worker.fetch', [
      {
        kind: 'counter',
        name: 'fetched',
        unit: '{job}',
        value: (event) => event.count,
        attributes: ({ queue }) => ({ queue }),
      },
      { kind: 'histogram', name: 'wait', unit: 's', value: (event) => event.wait },
    ]);
    telemetry.emitEvent(fetched, { queue: 'mail', count: 3 });
    expect(telemetry.events).toEqual([{ kind: 'worker.fetch', event: { queue: 'mail', count: 3 } }]);
    expect(telemetry.measurements).toEqual([
      { name: 'fetched', unit: '{job}', value: 3, attributes: { queue: 'mail' } },
    ]);
  });

  it('reads observed instruments on request, until they are stopped', () => {
    const telemetry = createRecordingTelemetry();
    const stop = telemetry.observe(depth, (observe) => observe(4, { state: 'waiting' }));
    expect(telemetry.collect()).toEqual([
      { name: 'depth', unit: '{job}', value: 4, attributes: { state: 'waiting' } },
    ]);
    stop();
    expect(telemetry.collect()).toEqual([]);
  });

  it('can be cleared, keeping what is observed', () => {
    const telemetry = createRecordingTelemetry();
    telemetry.observe(depth, (observe) => observe(4));
    telemetry.startSpan('work');
    telemetry.clear();
    expect([telemetry.spans.length, telemetry.collect().length]).toEqual([0, 1]);
  });

  it('records nothing after shutdown', async () => {
    const telemetry = createRecordingTelemetry();
    await telemetry.shutdown();
    telemetry.startSpan('late');
    telemetry.emitEvent(defineEventKind('late', []), {});
    expect([telemetry.spans, telemetry.events, telemetry.isEnabled('spans')]).toEqual([[], [], false]);
  });

  it('tells its health', () => {
    const telemetry = createRecordingTelemetry();
    expect(telemetry.health).toMatchObject({ failures: {}, ambient: true });
  });
});
