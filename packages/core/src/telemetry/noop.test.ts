import { describe, expect, it } from 'vitest';
import { createTraceContext, isValidTraceContext } from '../trace-context/trace-context.ts';
import { noopTelemetry } from './noop.ts';

describe('noopTelemetry', () => {
  it('is frozen', () => {
    expect(Object.isFrozen(noopTelemetry)).toBe(true);
  });

  it('shares one span among all that have no parent', () => {
    expect(noopTelemetry.startSpan('a')).toBe(noopTelemetry.startSpan('b', { parent: null }));
  });

  it('passes a parent through, so that the thread goes on', () => {
    const parent = createTraceContext();
    expect(noopTelemetry.startSpan('work', { parent }).context).toBe(parent);
  });

  it('does not pass on what is no context', () => {
    const { context } = noopTelemetry.startSpan('work', { parent: { traceId: 'x' } as never });
    expect(isValidTraceContext(context)).toBe(false);
  });

  it('writes no carrier for a span without a parent', () => {
    const carrier = {};
    noopTelemetry.propagation.inject(noopTelemetry.startSpan('work').context, carrier);
    expect(carrier).toEqual({});
  });

  it('runs functions once and returns their results', () => {
    const calls: string[] = [];
    noopTelemetry.startSpan('work').run(() => calls.push('run'));
    noopTelemetry.withContext(undefined, () => calls.push('withContext'));
    expect(calls).toEqual(['run', 'withContext']);
  });

  it('has nothing to flush', async () => {
    expect(await noopTelemetry.flush()).toEqual({ complete: true });
  });
});
