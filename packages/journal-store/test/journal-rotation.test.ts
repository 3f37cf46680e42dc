import { copyFile, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { event, events, type JournalFolder, journalFolder } from './journal-folder.ts';

const SEALED = /\{"sealed":true\}\n$/;

let journal: JournalFolder;
beforeEach(async () => {
  journal = await journalFolder();
});
afterEach(() => journal.remove());

describe('the segments of a journal', () => {
  it('are ended at segmentBytes, and hold everything', async () => {
    const store = await journal.openStore({ segmentBytes: 4096 });
    for (let batch = 0; batch < 20; batch += 1) await store.append(events(`T${batch}`, 4));
    const segments = await journal.segments();
    expect(segments.length).toBeGreaterThan(5);
    for (const segment of segments) expect((await stat(segment)).size).toBeLessThan(4096 + 100);
    for (let batch = 0; batch < 20; batch += 1) expect(await store.getTrace(`T${batch}`)).toHaveLength(4);
  });

  it('take a batch whole, however large', async () => {
    const store = await journal.openStore({ segmentBytes: 4096 });
    await store.append(events('T1', 100));
    expect(await journal.segments()).toHaveLength(1);
    expect(await store.getTrace('T1')).toHaveLength(100);
  });

  it('lose nothing of appends that are made at once', async () => {
    const store = await journal.openStore({ segmentBytes: 4096 });
    for (let round = 0; round < 30; round += 1) {
      const appends = Array.from({ length: 10 }, (_, trace) =>
        store.append(events(`T${trace}`, 1).map((each) => ({ ...each, event_id: `E${round}-${trace}` }))),
      );
      // Not all of them: the next round begins while this one is being written.
      await Promise.race(appends);
    }
    await store.append([event('T0', 'last')]);
    const found = [];
    for (let trace = 0; trace < 10; trace += 1) found.push(...(await store.getTrace(`T${trace}`)));
    expect(new Set(found.map(({ event_id }) => event_id)).size).toBe(301);
    expect((await journal.segments()).length).toBeGreaterThan(10);
  });

  it('end with a mark when their process is done with them', async () => {
    const store = await journal.openStore({ segmentBytes: 4096 });
    await store.append(events('T1', 10));
    await store.append(events('T1', 10).map((each) => ({ ...each, span_id: `second ${each.span_id}` })));
    const [first = '', second = ''] = await journal.segments();
    expect(await readFile(first, 'utf8')).toMatch(SEALED);
    expect(await readFile(second, 'utf8')).not.toMatch(SEALED);
    await store.close();
    expect(await readFile(second, 'utf8')).toMatch(SEALED);
  });

  it.each(['batch', 'interval', 'none'] as const)('are read back with sync %s', async (sync) => {
    const store = await journal.openStore({ sync });
    await store.append([event('T1', 'S1')]);
    store.appendSync([event('T1', 'S2')]);
    expect(await store.getTrace('T1')).toHaveLength(2);
    await store.close();
    const again = await journal.openStore();
    expect(await again.getTrace('T1')).toHaveLength(2);
    expect(again.health()).toMatchObject({ damagedLines: 0, failedSyncs: 0 });
  });
});

describe('a segment that was cut short at any byte', () => {
  it('gives the events that are whole, and tells how many bytes are not', async () => {
    const store = await journal.openStore();
    await store.append([event('T1', 'S1'), event('T2', 'S2'), event('T1', 'S3', { data: { name: 'é\n' } })]);
    const [segment = ''] = await journal.segments();
    const whole = await readFile(segment);
    await journal.openStore(); // keeps the directory a journal while segments come and go
    for (let length = 0; length <= whole.length; length += 1) {
      const cut = join(journal.folder, `cut-${length}`);
      await mkdir(cut);
      await copyFile(join(journal.directory, 'journal.json'), join(cut, 'journal.json'));
      await writeFile(join(cut, basename(segment)), whole.subarray(0, length));
      const reader = await journal.openStore({ directory: cut });
      const lines = whole.subarray(0, length).toString('latin1').split('\n');
      const torn = lines.pop()?.length;
      const spans = [...(await reader.getTrace('T1')), ...(await reader.getTrace('T2'))];
      expect(spans.map(({ span_id }) => span_id).sort()).toEqual(['S1', 'S2', 'S3'].slice(0, lines.length));
      expect(reader.health()).toMatchObject({ damagedLines: 0, tornBytes: torn });
    }
  });

  it('goes on in a segment of another process', async () => {
    const store = await journal.openStore();
    await store.append([event('T1', 'S1'), event('T1', 'S2')]);
    const [segment = ''] = await journal.segments();
    await truncate(segment, (await stat(segment)).size - 10);
    const other = await journal.openStore();
    await other.append([event('T1', 'S3')]);
    expect((await other.getTrace('T1')).map(({ span_id }) => span_id)).toEqual(['S1', 'S3']);
    expect(dirname(segment)).toBe(journal.directory);
  });
});
