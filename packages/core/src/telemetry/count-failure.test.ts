import { describe, expect, it, vi } from 'vitest';
import { createRecordingTelemetry } from '../testing/recording-telemetry.ts';
import { combineTelemetry } from './combine.ts';
import { countFailure } from './count-failure.ts';
import { resolveTelemetry } from './guard.ts';
import { noopTelemetry } from './noop.ts';
import { telemetryHealth } from './telemetry-health.ts';

const error = new Error('broken');

describe('countFailure', () => {
  it("shows the failure in the telemetry's health, and reports the first", () => {
    const report = vi.fn();
    const telemetry = resolveTelemetry(createRecordingTelemetry(), { report });

    countFailure(telemetry, 'mailer.name', error);
    countFailure(telemetry, 'mailer.name', error);

    expect(telemetryHealth(telemetry)).toMatchObject({ failures: { 'mailer.name': 2 }, lastError: error });
    expect(report).toHaveBeenCalledOnce();
  });

  it('counts once for telemetries that are combined', () => {
    vi.spyOn(console, 'warn').mockReturnValue();
    const telemetry = resolveTelemetry(
      combineTelemetry(createRecordingTelemetry(), createRecordingTelemetry()),
    );

    countFailure(telemetry, 'mailer.name', error);

    expect(telemetryHealth(telemetry).failures).toEqual({ 'mailer.name': 1 });
  });

  it('does nothing when telemetry is off', () => {
    countFailure(noopTelemetry, 'mailer.name', error);

    expect(telemetryHealth(noopTelemetry).failures).toEqual({});
  });
});
