import { join } from 'node:path';
import { flushOnCrash, openJournalSpool } from '@throughline/journal-store';
import { spawnNode } from '@throughline/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JournalFolder, journalFolder } from './journal-folder.ts';

const CRASH = new URL('fixtures/crash.mjs', import.meta.url);

let journal: JournalFolder;
let spoolDirectory: string;
beforeEach(async () => {
  journal = await journalFolder();
  spoolDirectory = join(journal.folder, 'spool');
});
afterEach(() => journal.remove());

async function crash(
  mode: string,
  { spool = '', protection = 'flush' } = {},
): Promise<{ code: number | null; error: string }> {
  const child = spawnNode(CRASH, [journal.directory, spool, '500', mode, protection]);
  const { code } = await child.exited;
  return { code, error: child.errorLines.join('\n').replaceAll(/\d+/g, '0') };
}

async function stored(): Promise<number> {
  const store = await journal.openStore();
  return (await store.getTrace('T1')).length;
}

describe('flushOnCrash', () => {
  it('brings what is in memory to a journal when the process dies', async () => {
    await crash('exception');
    expect(await stored()).toBe(500);
  });

  it('does so for a rejection that nobody handles', async () => {
    await crash('rejection');
    expect(await stored()).toBe(500);
  });

  it('brings it to the spool of a writer that has one', async () => {
    await crash('exception', { spool: spoolDirectory });
    const spool = await openJournalSpool({ directory: spoolDirectory });
    let spooled = 0;
    for await (const { events } of spool.pending()) spooled += events.length;
    await spool.close();
    expect(spooled).toBe(500);
    expect(await stored()).toBe(0);
  });

  it.each(['exception', 'rejection', 'exit code'])(
    'leaves exit code and output of an %s as they are',
    async (mode) => {
      const unprotected = await crash(mode, { protection: 'none' });
      expect(await crash(mode)).toEqual(unprotected);
      expect(unprotected.code).toBe(mode === 'exit code' ? 7 : 1);
      expect(unprotected.error.includes('the crash')).toBe(mode !== 'exit code');
    },
  );

  it('refuses what is no writer, a store for example', () => {
    expect(() => flushOnCrash({} as never)).toThrow(/EventWriter/);
  });

  it('can be taken back', async () => {
    await crash('exception', { protection: 'none' });
    expect(await stored()).toBe(0);
  });
});
