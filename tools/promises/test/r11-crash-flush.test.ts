/**
 * R11: a crash flush, for those who want one: what is in memory is spooled before the process ends, and the process ends as
 * it would without.
 */
import { spawnNode } from '@throughline/testkit';
import { describe, expect, it } from 'vitest';
import { replaySpool } from './support/replay-spool.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

/** Crashes a process; how it ended, and what it said. */
async function crash(directory: string, how: string, flush: 'flush' | ''): Promise<unknown> {
  const child = spawnNode(new URL('fixtures/crash.mjs', import.meta.url), [directory, how, flush]);
  return { exit: await child.exited, output: [...child.lines, ...child.errorLines] };
}

describe.each([
  { how: 'throws', code: 1 },
  { how: 'throws later', code: 1 },
  { how: 'rejects', code: 1 },
  { how: 'handles it', code: 42 },
])('a process that $how', ({ how, code }) => {
  it('ends with the same code and the same words, and loses nothing', async () => {
    const without = await crash(await temporaryDirectory(), how, '');
    expect(without).toMatchObject({ exit: { code, signal: null } });
    const directory = await temporaryDirectory();
    expect(await crash(directory, how, 'flush')).toEqual(without);
    expect(await (await replaySpool(directory)).getTrace('T1')).toHaveLength(250);
  });
});
