import type { Propagation } from '@throughline/core';
import type { ConformanceCase, SuiteOptions } from '../suite/run-suite.ts';
import type { SeededRandom } from '../suite/seeded-random.ts';
import type { Awaitable } from '../suite/test-function.ts';

/** How the suite gets at a propagation of yours. */
export interface PropagationHarness extends SuiteOptions {
  open(): Awaitable<Propagation>;
}

/** What a case of the propagation suite works with. */
export interface PropagationWorld {
  readonly propagation: Propagation;
  readonly random: SeededRandom;
}

/** A case of the propagation suite. */
export type PropagationCase = ConformanceCase<PropagationWorld>;
