import { StoreUnavailableError } from '../errors/store-unavailable-error.ts';
import type { Clock } from '../internal/clock.ts';

/**
 * What `work` gives. Rejects when it does, when it throws, and when it takes longer than `ms`; what comes after that is
 * not heard.
 *
 * @param what names the work in the error: `append`
 */
export function inTime<T>(clock: Clock, ms: number, what: string, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new StoreUnavailableError(`${what} took longer than ${ms} ms`));
    const cancel = clock.schedule(late, ms, false);
    started(work).then(resolve, reject).finally(cancel);
  });
}

async function started<T>(work: () => Promise<T>): Promise<T> {
  return work();
}
