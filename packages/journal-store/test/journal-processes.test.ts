import { spawnNode } from '@throughline/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JournalFolder, journalFolder } from './journal-folder.ts';

const APPEND_EVENTS = new URL('fixtures/append-events.mjs', import.meta.url);
const FOLLOW_EVENTS = new URL('fixtures/follow-events.mjs', import.meta.url);

let journal: JournalFolder;
beforeEach(async () => {
  journal = await journalFolder();
});
afterEach(() => journal.remove());

describe('two writers and a reader, each a process of its own', () => {
  it('show the reader every acknowledged event, once, in the order of each writer', async () => {
    const reader = spawnNode(FOLLOW_EVENTS, [journal.directory]);
    await reader.waitForLine(/ready/);
    const writers = [1, 2].map(() => spawnNode(APPEND_EVENTS, [journal.directory, 'T1', '200', '4096']));
    await Promise.all(writers.map(({ exited }) => exited));
    await Promise.all(writers.map((writer) => reader.waitForLine(new RegExp(`^${writer.pid}-199$`))));
    await reader.kill();
    const read = reader.lines.slice(1);
    expect(new Set(read).size).toBe(read.length);
    for (const { pid, lines } of writers) {
      expect(lines).toHaveLength(200);
      expect(read.filter((id) => id.startsWith(`${pid}-`))).toEqual(lines);
    }
    const store = await journal.openStore();
    expect(await store.getTrace('T1')).toHaveLength(400);
  });
});

describe('writers that are killed at any moment', () => {
  it('lose nothing of what they were told is stored', async () => {
    const acknowledged: string[] = [];
    for (let kill = 0; kill < 6; kill += 1) {
      const writer = spawnNode(APPEND_EVENTS, [journal.directory, 'T1', '100000', '4096']);
      await writer.waitForLine(new RegExp(`-${5 + kill * 17}$`));
      await writer.kill('SIGKILL');
      acknowledged.push(...writer.lines.filter((line) => /^\d+-\d+$/.test(line)));
    }
    const store = await journal.openStore();
    const stored = new Set((await store.getTrace('T1')).map(({ event_id }) => event_id));
    expect(acknowledged.length).toBeGreaterThan(250);
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    expect(store.health().damagedLines).toBe(0);
  });
});
