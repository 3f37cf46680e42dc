import { describe, expect, it } from 'vitest';
import { createRecordingTelemetry } from '../testing/index.ts';
import { createTraceContext } from '../trace-context/trace-context.ts';
import { recordEvent } from './record-event.ts';
import { traced } from './traced.ts';

describe('recordEvent', () => {
  it('records a point: one event type, no length', () => {
    const telemetry = createRecordingTelemetry();
    recordEvent(telemetry, 'ai:decision', { time: 1_000 });
    expect(telemetry.spans).toMatchObject([
      { name: 'ai:decision', eventType: 'ai:decision', kind: 'internal', startTime: 1_000, endTime: 1_000 },
    ]);
  });

  it('happens now unless told otherwise', () => {
    const telemetry = createRecordingTelemetry();
    const before = Date.now();
    recordEvent(telemetry, 'ai:decision');
    expect(telemetry.find('ai:decision')?.startTime).toBeGreaterThan(before - 1_000);
  });

  it.each([
    ['success', 'ok'],
    ['failed', 'error'],
    ['pending', 'waiting'],
    [undefined, undefined],
  ] as const)('with the status %s has the outcome %s', (status, outcome) => {
    const telemetry = createRecordingTelemetry();
    recordEvent(telemetry, 'ai:decision', { status });
    expect(telemetry.find('ai:decision')?.outcome).toBe(outcome);
  });

  it('keeps everything that is told about it', () => {
    const telemetry = createRecordingTelemetry();
    const details = {
      parent: createTraceContext(),
      entity: { system: 'test', id: '1' },
      data: { confidence: 0.9 },
      attributes: { model: 'm' },
      tags: ['ai'],
      links: [{ context: createTraceContext() }],
    };
    recordEvent(telemetry, 'ai:decision', details);
    expect(telemetry.find('ai:decision')).toMatchObject(details);
  });

  it('belongs to the span in which it happens', () => {
    const telemetry = createRecordingTelemetry();
    traced(telemetry, 'decide', () => recordEvent(telemetry, 'ai:decision'));
    expect(telemetry.find('ai:decision')?.parent).toEqual(telemetry.find('decide')?.context);
  });

  it('returns its context', () => {
    const telemetry = createRecordingTelemetry();
    expect(recordEvent(telemetry, 'ai:decision')).toEqual(telemetry.spans[0]?.context);
  });
});
