import { OptionInvalidError } from '@throughline/core';
import { runSuite } from '../suite/run-suite.ts';
import { appendCases } from './append-cases.ts';
import { appendSyncCases } from './append-sync-cases.ts';
import { closeCases } from './close-cases.ts';
import { getTraceCases } from './get-trace-cases.ts';
import { listTracesCases } from './list-traces-cases.ts';
import type { StoreCase } from './store-case.ts';
import { tailCases } from './tail-cases.ts';
import { lackingFeatures, type TraceStoreHarness } from './trace-store-harness.ts';
import { openTraceStoreWorld } from './trace-store-world.ts';

/** Every case of the suite, by the number of the MUST at `TraceStore` that it proves. */
export const traceStoreCases: readonly StoreCase[] = [
  ...appendCases,
  ...getTraceCases,
  ...listTracesCases,
  ...tailCases,
  ...closeCases,
  ...appendSyncCases,
];

/**
 * Registers the tests that any `TraceStore` must pass. The number of a test is that of the MUST in the documentation of
 * the port; a letter tells several tests of one MUST apart.
 *
 * What a store, or the harness, does not offer is registered as well: its name ends with `(not offered: …)`.
 *
 * @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID`
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { test } from 'node:test';
 * import { testTraceStore } from '@throughline/conformance';
 * import { openJournalStore } from '@throughline/journal-store';
 *
 * testTraceStore({
 *   test,
 *   createPlace: () => mkdtemp(join(tmpdir(), 'journal-')),
 *   open: (place) => openJournalStore({ directory: join(place, 'journal') }),
 *   removePlace: (place) => rm(place, { recursive: true }),
 * });
 * ```
 */
export function testTraceStore<Place = undefined>(harness: TraceStoreHarness<Place>): void {
  const { open } = harness ?? {};
  if (typeof open !== 'function')
    throw new OptionInvalidError('testTraceStore.open', open, 'a function that opens your store');
  runSuite(
    {
      name: 'TraceStore',
      cases: traceStoreCases,
      lacking: lackingFeatures(harness),
      open: (random) => openTraceStoreWorld(harness, random),
    },
    harness,
  );
}
