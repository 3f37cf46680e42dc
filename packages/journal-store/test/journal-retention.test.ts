import { readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { spawnNode, waitFor } from '@throughline/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeSegment, restoreRemoved } from '../src/remove-segment.ts';
import { event, events, type JournalFolder, journalFolder } from './journal-folder.ts';

const APPEND_EVENTS = new URL('fixtures/append-events.mjs', import.meta.url);
const HOUR = 3_600_000;

let journal: JournalFolder;
beforeEach(async () => {
  journal = await journalFolder();
});
afterEach(() => journal.remove());

/** One ended segment for each trace, each written an hour after the one before, the last one an hour ago. */
async function writeHours(traceIds: readonly string[]): Promise<string[]> {
  for (const [index, traceId] of traceIds.entries()) {
    const store = await journal.openStore();
    await store.append(events(traceId, 10));
    await store.close();
    const time = new Date(Date.now() - (traceIds.length - index) * HOUR);
    await utimes((await journal.segments()).at(-1) ?? '', time, time);
  }
  return journal.segments();
}

async function bytesOf(paths: readonly string[]): Promise<number> {
  const stats = await Promise.all(paths.map((path) => stat(path)));
  return stats.reduce((sum, { size }) => sum + size, 0);
}

describe('the retention of a journal', () => {
  it('deletes segments that were last written longer ago, with their indexes, and tells', async () => {
    const segments = await writeHours(['T1', 'T2', 'T3']);
    await (await journal.openStore()).listTraces();
    const oldBytes = await bytesOf(segments.slice(0, 2));
    const store = await journal.openStore({ retention: { maxAgeMs: 1.5 * HOUR } });
    await waitFor(() => store.health().deleted.segments === 2, { what: 'two deleted segments' });
    expect(store.health().deleted).toEqual({ segments: 2, bytes: oldBytes, failedPasses: 0 });
    expect((await store.listTraces()).traces.map(({ traceId }) => traceId)).toEqual(['T3']);
    const left = basename(segments[2] ?? '');
    expect((await readdir(journal.directory)).sort()).toEqual([
      left,
      `${left}.facts`,
      `${left}.lines`,
      'journal.json',
    ]);
  });

  it('deletes the oldest segments while all are too large', async () => {
    const segments = await writeHours(['T1', 'T2', 'T3', 'T4']);
    const store = await journal.openStore({ retention: { maxBytes: await bytesOf(segments.slice(2)) } });
    await waitFor(() => store.health().deleted.segments > 0, { what: 'a deleted segment' });
    await store.close();
    expect(await journal.segments()).toEqual(segments.slice(2));
  });

  it('keeps a journal within its bounds while it is written', async () => {
    const store = await journal.openStore({ segmentBytes: 8192, retention: { maxBytes: 40_000 } });
    for (let batch = 0; batch < 100; batch += 1) await store.append(events(`T${batch}`, 10));
    await store.close();
    expect(await bytesOf(await journal.segments())).toBeLessThan(40_000 + 8192);
    const reader = await journal.openStore();
    expect(await reader.getTrace('T99')).toHaveLength(10);
    expect(await reader.getTrace('T0')).toEqual([]);
  });

  it('never deletes what a running process writes to', async () => {
    const child = spawnNode(APPEND_EVENTS, [journal.directory, 'T1', '1000000'], { timeoutMs: 30_000 });
    await child.waitForLine(/-5$/);
    const own = await journal.openStore();
    await own.append([event('T2', 'S1')]);
    const store = await journal.openStore({ retention: { maxAgeMs: 1, maxBytes: 1 } });
    await store.append([event('T3', 'S1')]);
    await store.close(); // after which its own segment may be deleted
    const reader = await journal.openStore();
    expect(await reader.getTrace('T2')).toHaveLength(1);
    await child.kill();
    const stored = new Set((await reader.getTrace('T1')).map(({ event_id }) => event_id));
    expect(child.lines.filter((id) => !stored.has(id))).toEqual([]);
    await own.close();
    await journal.openStore({ retention: { maxBytes: 1 } });
    await waitFor(async () => (await journal.segments()).length === 0, {
      what: 'all segments to be deleted',
    });
  });

  it('deletes nothing unless it is asked to', async () => {
    await writeHours(['T1', 'T2']);
    const store = await journal.openStore();
    await store.append([event('T3', 'S1')]);
    await store.close();
    expect(await journal.segments()).toHaveLength(3);
  });

  it.each([{ maxAgeMs: 0 }, { maxBytes: -1 }, { maxBytes: '1' }, 7, null])(
    'refuses %j',
    async (retention) => {
      await expect(journal.openStore({ retention } as never)).rejects.toMatchObject({
        code: 'THROUGHLINE_OPTION_INVALID',
      });
    },
  );
});

describe('a segment that is deleted although somebody writes to it', () => {
  it('comes back when it was written to after it was judged', async () => {
    const store = await journal.openStore();
    await store.append([event('T1', 'S1')]);
    const [segment = ''] = await journal.segments();
    const { size } = await stat(segment);
    await store.append([event('T1', 'S2')]);
    expect(await removeSegment(segment, size)).toBe(false);
    expect(await store.getTrace('T1')).toHaveLength(2);
  });

  it('loses nothing that is appended once it is put aside', async () => {
    const store = await journal.openStore();
    await store.append([event('T1', 'S1')]);
    const [segment = ''] = await journal.segments();
    await rename(segment, `${segment}.removed`);
    await store.append([event('T1', 'S2')]);
    await rm(`${segment}.removed`);
    expect(await store.getTrace('T1')).toMatchObject([{ span_id: 'S2' }]);
  });

  it('comes back when its remover ended half-way', async () => {
    const store = await journal.openStore();
    await store.append([event('T1', 'S1')]);
    await store.close();
    const [segment = ''] = await journal.segments();
    await rename(segment, `${segment}.removed`);
    await restoreRemoved(journal.directory);
    expect(await journal.segments()).toEqual([segment]);
  });

  it('is left to the one who was faster', async () => {
    await journal.openStore();
    expect(await removeSegment(`${journal.directory}/gone.ndjson`, 10)).toBe(false);
    await writeFile(`${journal.folder}/there.ndjson`, 'x');
    expect(await removeSegment(`${journal.folder}/there.ndjson`, 1)).toBe(true);
  });
});
