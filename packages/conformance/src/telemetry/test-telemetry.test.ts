import { combineTelemetry, noopTelemetry, resolveTelemetry } from '@throughline/core';
import { createRecordingTelemetry } from '@throughline/core/testing';
import { describe, test } from 'vitest';
import { observedEvents } from '../../test/sound/observed-events.ts';
import { observedRecording, recording } from '../../test/sound/observed-recording.ts';
import { testTelemetry } from './test-telemetry.ts';

describe('createRecordingTelemetry', () => {
  testTelemetry({ test, open: () => observedRecording(recording()) });
});

describe('createRecordingTelemetry without an ambient context of its own', () => {
  const open = () => observedRecording(createRecordingTelemetry());
  testTelemetry({ test, open, capabilities: { async: false } });
});

describe('resolveTelemetry', () => {
  testTelemetry({
    test,
    open() {
      const sink = recording();
      return observedRecording(sink, resolveTelemetry(sink));
    },
  });
});

describe('createEventTelemetry', () => {
  testTelemetry({ test, open: () => observedEvents(), capabilities: { measurements: false } });
});

describe('combineTelemetry, seen by its primary', () => {
  testTelemetry({
    test,
    open() {
      const sink = recording();
      return observedRecording(sink, combineTelemetry(sink, observedEvents().telemetry));
    },
  });
});

describe('combineTelemetry, seen by a follower', () => {
  testTelemetry({
    test,
    open() {
      const events = observedEvents();
      return { ...events, telemetry: combineTelemetry(recording(), events.telemetry) };
    },
    capabilities: { measurements: false },
  });
});

describe('combineTelemetry of a primary without spans', () => {
  testTelemetry({
    test,
    open() {
      const events = observedEvents();
      const { startSpan: _, ...silent } = { ...noopTelemetry, isEnabled: () => false };
      return {
        ...events,
        telemetry: combineTelemetry({ ...silent, observe: () => () => {} }, events.telemetry),
      };
    },
    capabilities: { measurements: false },
  });
});

describe('createEventTelemetry without an ambient context', () => {
  const open = () => observedEvents({ ambient: undefined });
  testTelemetry({ test, open, capabilities: { measurements: false, ambient: false } });
});
