import { setImmediate as macrotask } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';

/** Keeps promises that were rejected and that nobody listened to, for the tests of a file. */
export function watchUnhandledRejections(): { expectNone(): Promise<void> } {
  const seen: unknown[] = [];
  const keep = (error: unknown): void => void seen.push(error);
  beforeAll(() => void process.on('unhandledRejection', keep));
  afterAll(() => void process.off('unhandledRejection', keep));
  return {
    expectNone: async () => {
      // Node tells of them when the microtasks are done.
      await macrotask();
      await macrotask();
      expect(seen.splice(0)).toEqual([]);
    },
  };
}
