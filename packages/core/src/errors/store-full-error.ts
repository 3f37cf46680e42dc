import { ThroughlineError } from './throughline-error.ts';

/** A store has no room left. Code `THROUGHLINE_STORE_FULL`. */
export class StoreFullError extends ThroughlineError {
  /**
   * @param store what is full: `The journal in /var/lib/app/journal`
   */
  constructor(store: string, options?: { readonly cause?: unknown }) {
    super('THROUGHLINE_STORE_FULL', `${store} has no room left; free some, or give it more.`, options);
  }
}
