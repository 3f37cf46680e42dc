/**
 * Runs one of BullMQ's operations without a span. Its own promise is the answer: with AsyncLocalStorage on, Node pays for
 * every further promise of a job.
 */
export function untraced<T>(operation: () => Promise<T> | T): Promise<T> {
  try {
    return Promise.resolve(operation());
  } catch (error) {
    return Promise.reject(error);
  }
}
