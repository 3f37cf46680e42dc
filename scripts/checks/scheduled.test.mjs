import { describe, expect, it } from 'vitest';
import { scheduled } from './scheduled.mjs';

/** Runs checks that pass unless named, and tells in which order they started and ended. */
async function trace(
  /** @type {import('./scheduled.mjs').Check[]} */ checks,
  /** @type {string[]} */ failing = [],
  lanes = 2,
) {
  /** @type {string[]} */
  const told = [];
  let running = 0;
  let most = 0;
  const results = await scheduled(
    checks,
    lanes,
    async ({ name }) => {
      most = Math.max(most, ++running);
      await null;
      running -= 1;
      return { name, passed: !failing.includes(name), seconds: 0, problems: [], notes: [] };
    },
    ({ name }) => told.push(name),
  );
  return { told, most, results };
}

describe('scheduled checks', () => {
  it('run one after the one it needs', async () => {
    const { told } = await trace([{ name: 'pack', after: 'build' }, { name: 'build' }]);
    expect(told).toEqual(['build', 'pack']);
  });

  it('never run more at a time than there are lanes', async () => {
    const { most } = await trace([{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }]);
    expect(most).toBe(2);
  });

  it('fail, with the reason, whatever needs a failed one', async () => {
    const checks = [{ name: 'build' }, { name: 'pack', after: 'build' }, { name: 'attw', after: 'pack' }];
    const { results } = await trace(checks, ['build']);
    expect(results.map(({ passed, problems }) => [passed, ...problems])).toEqual([
      [false],
      [false, 'not run, because build failed'],
      [false, 'not run, because pack failed'],
    ]);
  });

  it('are all told, and come back in their own order', async () => {
    const { told, results } = await trace([{ name: 'b', after: 'a' }, { name: 'a' }, { name: 'c' }]);
    expect(told.toSorted()).toEqual(['a', 'b', 'c']);
    expect(results.map(({ name }) => name)).toEqual(['b', 'a', 'c']);
  });
});
