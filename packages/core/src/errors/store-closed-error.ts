import { ThroughlineError } from './throughline-error.ts';

/** A store was used after `close`. Code `THROUGHLINE_STORE_CLOSED`. */
export class StoreClosedError extends ThroughlineError {
  /** @param store what was closed: `MemoryTraceStore` */
  constructor(store: string) {
    super('THROUGHLINE_STORE_CLOSED', `${store} is closed; close it after everything that uses it.`);
  }
}
