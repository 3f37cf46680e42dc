import { trace } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { defineEventKind } from '@throughline/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createMetrics,
  createTracing,
  registerMetrics,
  registerTracing,
  unregisterEverything,
} from '../test/real-sdk.ts';
import { createOtelTelemetry } from './create-otel-telemetry.ts';

afterEach(() => {
  unregisterEverything();
  vi.useRealTimers();
});

const measured = defineEventKind<object>('k', [{ kind: 'counter', name: 'c', unit: '1', value: () => 1 }]);

describe('flush', () => {
  it('exports what the batch processor of the global provider still holds', async () => {
    const exported: string[] = [];
    registerTracing({ processors: [batchTo((spans) => exported.push(...spans))] });
    const telemetry = createOtelTelemetry();
    telemetry.startSpan('work').end();
    expect(exported).toEqual([]);
    expect(await telemetry.flush()).toEqual({ complete: true });
    expect(exported).toEqual(['work']);
  });

  it('asks a provider that was given', async () => {
    const exported: string[] = [];
    const { provider } = createTracing({ processors: [batchTo((spans) => exported.push(...spans))] });
    const telemetry = createOtelTelemetry({ tracerProvider: provider });
    telemetry.startSpan('work').end();
    expect(await telemetry.flush()).toEqual({ complete: true });
    expect(exported).toEqual(['work']);
  });

  it('asks the meter provider', async () => {
    const { provider } = createMetrics();
    const forceFlush = vi.spyOn(provider, 'forceFlush');
    expect(await createOtelTelemetry({ meterProvider: provider }).flush()).toEqual({ complete: true });
    expect(forceFlush).toHaveBeenCalledOnce();
  });

  it('cannot tell without a provider', async () => {
    expect(await createOtelTelemetry().flush()).toEqual({ complete: 'unknown', reason: 'unsupported' });
  });

  it('cannot tell for a tracer whose provider is not known', async () => {
    const tracer = createTracing().provider.getTracer('mine');
    registerMetrics();
    expect(await createOtelTelemetry({ tracer }).flush()).toEqual({
      complete: 'unknown',
      reason: 'unsupported',
    });
  });

  it('calls forceFlush instead, when that is given', async () => {
    registerTracing();
    const forceFlush = vi.fn(async () => {});
    expect(await createOtelTelemetry({ forceFlush }).flush()).toEqual({ complete: true });
    expect(forceFlush).toHaveBeenCalledOnce();
  });

  it('fails when the export fails', async () => {
    registerTracing({ processors: [batchTo(() => {}, ExportResultCode.FAILED)] });
    const telemetry = createOtelTelemetry();
    telemetry.startSpan('work').end();
    const result = await telemetry.flush();
    expect(result).toMatchObject({ complete: false, reason: 'failed' });
    expect(result.error).toBeInstanceOf(Error);
  });

  it('fails with the very error when forceFlush throws at once', async () => {
    const error = new Error('flush');
    const forceFlush = (): never => {
      throw error;
    };
    const result = await createOtelTelemetry({ forceFlush }).flush();
    expect(result).toEqual({ complete: false, reason: 'failed', error });
    expect(result.error).toBe(error);
  });

  it('leaves no timer behind', async () => {
    vi.useFakeTimers();
    await createOtelTelemetry({ forceFlush: async () => {} }).flush();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up at its deadline', async () => {
    vi.useFakeTimers();
    const telemetry = createOtelTelemetry({ forceFlush: () => new Promise(() => {}) });
    const flushed = telemetry.flush({ timeoutMs: 200 });
    await vi.advanceTimersByTimeAsync(200);
    expect(await flushed).toEqual({ complete: false, reason: 'timeout' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the deadline of a flush', () => {
  it.each([undefined, Number.NaN, -1, Number.POSITIVE_INFINITY, 2 ** 40])(
    'of %s ms leaves time to export',
    async (timeoutMs) => {
      const forceFlush = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
      expect(await createOtelTelemetry({ forceFlush }).flush({ timeoutMs })).toEqual({ complete: true });
    },
  );
});

describe('shutdown', () => {
  it('flushes, and leaves the provider open', async () => {
    const tracing = registerTracing();
    expect(await createOtelTelemetry().shutdown()).toEqual({ complete: true });
    trace.getTracer('other').startSpan('later').end();
    expect(tracing.spans().map((span) => span.name)).toEqual(['later']);
  });

  it('starts no recording span any more', async () => {
    registerTracing();
    const telemetry = createOtelTelemetry();
    const stopped = telemetry.shutdown();
    expect(telemetry.startSpan('work').isRecording).toBe(false);
    await stopped;
    expect(telemetry.isEnabled('spans')).toBe(false);
  });

  it('lets a span that was started before it end', async () => {
    const tracing = registerTracing();
    const telemetry = createOtelTelemetry();
    const span = telemetry.startSpan('work');
    await telemetry.shutdown();
    span.end();
    expect(tracing.span('work').ended).toBe(true);
  });

  it('takes the readers back and measures nothing any more', async () => {
    const real = registerMetrics();
    const telemetry = createOtelTelemetry();
    const read = vi.fn();
    telemetry.observe({ kind: 'gauge', name: 'g', unit: '1' }, read);
    await telemetry.shutdown();
    read.mockClear();
    telemetry.emitEvent(measured, {});
    expect(await real.collect()).toEqual([]);
    expect(read).not.toHaveBeenCalled();
  });

  it('happens once', async () => {
    const forceFlush = vi.fn(async () => {});
    const telemetry = createOtelTelemetry({ forceFlush });
    await Promise.all([telemetry.shutdown(), telemetry.shutdown(), telemetry.shutdown()]);
    expect(forceFlush).toHaveBeenCalledOnce();
  });
});

function batchTo(
  exported: (names: readonly string[]) => unknown,
  code: ExportResultCode = ExportResultCode.SUCCESS,
): BatchSpanProcessor {
  const exporter: SpanExporter = {
    export(spans, done) {
      exported(spans.map((span) => span.name));
      done({ code });
    },
    shutdown: async () => {},
  };
  return new BatchSpanProcessor(exporter, { scheduledDelayMillis: 3_600_000 });
}
