import { AsyncLocalStorage } from 'node:async_hooks';
import { describeError, type Telemetry } from '@throughline/core';
import {
  createRecordingTelemetry,
  type RecordedSpan,
  type RecordingTelemetry,
} from '@throughline/core/testing';
import type { ObservedSpan, TelemetryUnderTest } from '../../src/index.ts';

export function recording(): RecordingTelemetry {
  return createRecordingTelemetry({ ambient: new AsyncLocalStorage() });
}

/** A telemetry whose sink is a recording. */
export function observedRecording(sink: RecordingTelemetry, telemetry: Telemetry = sink): TelemetryUnderTest {
  return {
    telemetry,
    spans: () => sink.spans.filter(({ endTime }) => endTime !== undefined).map(observed),
    measurements: () => [...sink.measurements, ...sink.collect()],
  };
}

function observed(span: RecordedSpan): ObservedSpan {
  const { context, parent, links, startTime, endTime = startTime, error } = span;
  return {
    ...span,
    ...context,
    startTime,
    endTime,
    parentSpanId: parent?.spanId,
    links: links.map((link) => ({ ...link.context, relation: link.relation })),
    errorMessage: error === undefined ? undefined : describeError(error).message,
  };
}
