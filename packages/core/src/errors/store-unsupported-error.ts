import { ThroughlineError } from './throughline-error.ts';

/** A store was asked for what its `capabilities` say it cannot do. Code `THROUGHLINE_STORE_UNSUPPORTED`. */
export class StoreUnsupportedError extends ThroughlineError {
  /** The method: `tail`. */
  readonly operation: string;

  /**
   * @param store what was asked: `JournalStore`
   * @param operation the method
   */
  constructor(store: string, operation: string) {
    super(
      'THROUGHLINE_STORE_UNSUPPORTED',
      `${store} cannot ${operation}; look at its capabilities before you ask.`,
    );
    this.operation = operation;
  }
}
