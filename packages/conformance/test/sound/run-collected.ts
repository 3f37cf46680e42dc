import type { TestFunction } from '../../src/index.ts';

/** A test runner in a function: collects the tests, and runs them one after the other. */
export function collectTests(register: (test: TestFunction) => void): {
  readonly names: readonly string[];
  /** The numbers of the cases that fail: `['2b']`. */
  failing(): Promise<string[]>;
} {
  const tests: { readonly name: string; readonly fn: () => Promise<void> }[] = [];
  register((name, fn) => tests.push({ name, fn }));
  return {
    names: tests.map(({ name }) => name),
    async failing() {
      const failing: string[] = [];
      for (const { name, fn } of tests) {
        const failed = await fn().then(
          () => false,
          () => true,
        );
        if (failed) failing.push(name.split(' ')[1]?.replace('.', '') ?? name);
      }
      return failing;
    },
  };
}
