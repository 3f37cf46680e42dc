import { AsyncLocalStorage } from 'node:async_hooks';
import type { TraceContext } from '@throughline/core';
import {
  createRecordingTelemetry,
  type RecordedSpan,
  type RecordingTelemetry,
} from '@throughline/core/testing';
import { waitFor } from '@throughline/testkit';
import type { ConductorOptions } from '../../src/index.ts';
import { type Engine, engine } from '../engine.ts';
import type { TestPostgres } from '../on-postgres.ts';

/** An engine whose telemetry records. */
export interface TracedEngine extends Engine {
  readonly telemetry: RecordingTelemetry;
  /** Ended spans of that name, in the order of their start. */
  spans(name: string): readonly RecordedSpan[];
  /** The one ended span of that name. */
  span(name: string): RecordedSpan;
  /** Waits until all spans have ended. */
  quiet(): Promise<void>;
}

export function tracedEngine(
  use: TestPostgres,
  options: Omit<ConductorOptions, 'schema' | 'connectionString' | 'telemetry'> = {},
): TracedEngine {
  const telemetry = createRecordingTelemetry({ ambient: new AsyncLocalStorage<TraceContext | undefined>() });
  const made = engine(use, { ...options, telemetry });
  const spans = (name: string): readonly RecordedSpan[] =>
    telemetry.spans.filter((span) => span.name === name && span.endTime !== undefined);
  return {
    ...made,
    telemetry,
    spans,
    span(name) {
      const [only, ...others] = spans(name);
      if (only === undefined || others.length > 0)
        throw new Error(`${others.length + Number(only !== undefined)} ended spans "${name}"`);
      return only;
    },
    quiet: () =>
      waitFor(() => telemetry.spans.every(({ endTime }) => endTime !== undefined), {
        what: 'all spans to end',
      }).then(() => {}),
  };
}
