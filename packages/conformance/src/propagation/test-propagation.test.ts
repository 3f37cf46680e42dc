import { resolveTelemetry, w3cPropagation } from '@throughline/core';
import { describe, expect, it, test } from 'vitest';
import { propagationSaboteurs } from '../../test/saboteurs/propagation-saboteurs.ts';
import { observedRecording, recording } from '../../test/sound/observed-recording.ts';
import { collectTests } from '../../test/sound/run-collected.ts';
import { propagationCases, testPropagation } from './test-propagation.ts';

describe('w3cPropagation', () => {
  testPropagation({ test, open: () => w3cPropagation });
});

describe('the propagation of a guarded telemetry', () => {
  testPropagation({
    test,
    open: () => resolveTelemetry(observedRecording(recording()).telemetry).propagation,
  });
});

describe('a propagation that', () => {
  it.each(propagationSaboteurs)('$wrong fails case $fails, and no other', async ({ fails, propagation }) => {
    const suite = collectTests((collect) =>
      testPropagation({ test: collect, open: () => propagation, seed: 1 }),
    );
    expect(await suite.failing()).toEqual([fails]);
  });
});

describe('the cases of the suite', () => {
  it('have a saboteur each', () => {
    const found = new Set(propagationSaboteurs.map(({ fails }) => fails));
    expect(propagationCases.map(({ id }) => id).filter((id) => !found.has(id))).toEqual([]);
  });
});
