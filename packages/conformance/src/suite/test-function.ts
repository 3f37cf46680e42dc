/**
 * How a runner is told of a test: `test` or `it` of vitest, jest, mocha or `node:test`. What it returns is ignored.
 *
 * @param name unique within the suite; begins with what is tested and the number of the case
 * @param fn rejects when the test fails
 */
export type TestFunction = (name: string, fn: () => Promise<void>) => unknown;

/** A value, or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>;
