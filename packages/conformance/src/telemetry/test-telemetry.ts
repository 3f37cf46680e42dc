import { OptionInvalidError } from '@throughline/core';
import { runSuite } from '../suite/run-suite.ts';
import { contextCases } from './context-cases.ts';
import { lifeCases } from './life-cases.ts';
import { measurementCases } from './measurement-cases.ts';
import { spanCases } from './span-cases.ts';
import { startCases } from './start-cases.ts';
import { lackingTelemetryFeatures, type TelemetryHarness } from './telemetry-harness.ts';
import { openTelemetryWorld, type TelemetryCase } from './telemetry-world.ts';

/** Every case of the suite, by the number of the MUST at `Telemetry` and `Span` that it proves. */
export const telemetryCases: readonly TelemetryCase[] = [
  ...startCases,
  ...contextCases,
  ...measurementCases,
  ...lifeCases,
  ...spanCases,
];

/**
 * Registers the tests that any `Telemetry` must pass. The number of a test is that of the MUST in the documentation of the
 * port; a letter tells several tests of one MUST apart. What is not offered is registered as well: its name says so.
 *
 * @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID`
 * @example
 * ```ts
 * import { AsyncLocalStorage } from 'node:async_hooks';
 * import { test } from 'node:test';
 * import { testTelemetry } from '@throughline/conformance';
 * import { describeError } from '@throughline/core';
 * import { createRecordingTelemetry } from '@throughline/core/testing';
 *
 * testTelemetry({
 *   test,
 *   open() {
 *     const telemetry = createRecordingTelemetry({ ambient: new AsyncLocalStorage() });
 *     return {
 *       telemetry,
 *       spans: () =>
 *         telemetry.spans.map(({ context, parent, links, startTime, endTime = startTime, error, ...span }) => ({
 *           ...span,
 *           ...context,
 *           startTime,
 *           endTime,
 *           parentSpanId: parent?.spanId,
 *           links: links.map((link) => ({ ...link.context, relation: link.relation })),
 *           errorMessage: error === undefined ? undefined : describeError(error).message,
 *         })),
 *       measurements: () => [...telemetry.measurements, ...telemetry.collect()],
 *     };
 *   },
 * });
 * ```
 */
export function testTelemetry(harness: TelemetryHarness): void {
  const { open, capabilities = {} } = harness ?? {};
  if (typeof open !== 'function')
    throw new OptionInvalidError('testTelemetry.open', open, 'a function that makes your telemetry');
  runSuite(
    {
      name: 'Telemetry',
      cases: telemetryCases,
      lacking: lackingTelemetryFeatures(capabilities),
      open: (random) => openTelemetryWorld(harness, random),
    },
    harness,
  );
}
