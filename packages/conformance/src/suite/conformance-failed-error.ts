import { ThroughlineError } from '@throughline/core';
import { describe } from './demand.ts';
import { UnmetDemandError } from './unmet-demand-error.ts';

/** Which case failed, and how to repeat it. */
export interface FailedCase {
  /** What was tested: `TraceStore`. */
  readonly suite: string;
  /** Number of the MUST with a letter when it has several cases: `2b`. */
  readonly id: string;
  readonly title: string;
  readonly seed: number;
}

/**
 * A case of a conformance suite failed. Code `THROUGHLINE_CONFORMANCE_FAILED`. The message says what was wrong and which
 * seed repeats it; `cause` is the failed assertion, or what the code under test threw.
 */
export class ConformanceFailedError extends ThroughlineError {
  readonly suite: string;
  readonly id: string;
  readonly seed: number;

  constructor({ suite, id, title, seed }: FailedCase, cause: unknown) {
    super(
      'THROUGHLINE_CONFORMANCE_FAILED',
      `${suite} ${id} does not hold (${title}): ${reasonOf(cause)}\nTo repeat it, give the suite { seed: ${seed} }.`,
      { cause },
    );
    this.suite = suite;
    this.id = id;
    this.seed = seed;
  }
}

function reasonOf(cause: unknown): string {
  try {
    return cause instanceof UnmetDemandError ? cause.message : `it threw ${describe(cause)}`;
  } catch {
    return 'it threw a value that cannot be read';
  }
}
