import { ThroughlineError } from '../errors/throughline-error.ts';

/**
 * An expectation about a trace does not hold. Code `THROUGHLINE_TRACE_ASSERTION`. The message ends with the trace as a
 * tree, so that a failed test shows what happened instead. Every runner reports it as a failed test.
 */
export class TraceAssertionError extends ThroughlineError {
  /** The rendered trace. */
  readonly trace: string;

  constructor(expectation: string, trace: string) {
    super('THROUGHLINE_TRACE_ASSERTION', `Expected the trace ${expectation}.\n\n${trace}`);
    this.trace = trace;
  }
}
