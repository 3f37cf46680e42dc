import { OptionInvalidError } from '@throughline/core';
import { runSuite } from '../suite/run-suite.ts';
import { extractCases } from './extract-cases.ts';
import { injectCases } from './inject-cases.ts';
import type { PropagationCase, PropagationHarness } from './propagation-harness.ts';

/** Every case of the suite, by the number of the MUST at `Propagation` that it proves. */
export const propagationCases: readonly PropagationCase[] = [...injectCases, ...extractCases];

/**
 * Registers the tests that any `Propagation` must pass. The number of a test is that of the MUST in the documentation of
 * the port; a letter tells several tests of one MUST apart.
 *
 * @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID`
 * @example
 * ```ts
 * import { test } from 'node:test';
 * import { testPropagation } from '@throughline/conformance';
 * import { w3cPropagation } from '@throughline/core';
 *
 * testPropagation({ test, open: () => w3cPropagation });
 * ```
 */
export function testPropagation(harness: PropagationHarness): void {
  const { open } = harness ?? {};
  if (typeof open !== 'function')
    throw new OptionInvalidError('testPropagation.open', open, 'a function that gives your propagation');
  runSuite(
    {
      name: 'Propagation',
      cases: propagationCases,
      lacking: {},
      open: async (random) => ({ propagation: await open(), random, close: async () => {} }),
    },
    harness,
  );
}
