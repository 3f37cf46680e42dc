import { describe, expect, it } from 'vitest';
import { telemetrySaboteurs, withHooks } from '../../test/saboteurs/telemetry-saboteurs.ts';
import { observedRecording, recording } from '../../test/sound/observed-recording.ts';
import { collectTests } from '../../test/sound/run-collected.ts';
import { telemetryCases, testTelemetry } from './test-telemetry.ts';

describe('a telemetry that', () => {
  it.each(telemetrySaboteurs)('$wrong fails case $fails, and no other', async ({ fails, sabotage }) => {
    const suite = collectTests((test) =>
      testTelemetry({
        test,
        open() {
          const sink = recording();
          return observedRecording(sink, withHooks(sink, sabotage(sink)));
        },
        seed: 1,
        deadlineMs: 2_000,
      }),
    );
    expect(await suite.failing()).toEqual([fails]);
  });
});

describe('the cases of the suite', () => {
  it('have a saboteur each', () => {
    const found = new Set(telemetrySaboteurs.map(({ fails }) => fails));
    expect(telemetryCases.map(({ id }) => id).filter((id) => !found.has(id))).toEqual([]);
  });
});
