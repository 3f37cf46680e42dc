import { appendFile, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readIndexFile, writeIndexFile } from '../src/index-file.ts';
import { encodeJournalLines } from '../src/journal-line.ts';
import { event, events, type JournalFolder, journalFolder } from './journal-folder.ts';

let journal: JournalFolder;
let segment: string;

beforeEach(async () => {
  journal = await journalFolder();
  const store = await journal.openStore();
  await store.append([...events('T1', 5), ...events('T2', 5), event('T3', 'S1', { tags: ['vip'] })]);
  await store.append([event('T1', 'late')]);
  await store.close();
  [segment = ''] = await journal.segments();
});
afterEach(() => journal.remove());

/** A reader that has not read before. */
async function readAll(): Promise<{ spans: string[]; vips: string[]; listed: string[] }> {
  const store = await journal.openStore();
  const spans = (await store.getTrace('T1')).map(({ span_id }) => span_id);
  const vips = (await store.listTraces({ tag: 'vip' })).traces.map(({ traceId }) => traceId);
  const listed = (await store.listTraces()).traces.map(({ traceId }) => traceId);
  await store.close();
  return { spans, vips, listed };
}

const everything = {
  spans: ['S0', 'S1', 'S2', 'S3', 'S4', 'late'],
  vips: ['T3'],
  listed: ['T1', 'T2', 'T3'],
};

async function indexFiles(): Promise<string[]> {
  return (await readdir(journal.directory)).filter((name) => /\.(lines|facts)$/.test(name)).sort();
}

describe('the index of an ended segment', () => {
  it('lies beside it once it was read, for its owner only', async () => {
    expect(await indexFiles()).toEqual([]);
    expect(await readAll()).toEqual(everything);
    const files = await indexFiles();
    expect(files.map((name) => name.slice(-5))).toEqual(['facts', 'lines']);
    for (const file of files) {
      expect((await stat(join(journal.directory, file))).mode & 0o777).toBe(0o600);
    }
  });

  it('gives the next reader the same answers', async () => {
    await readAll();
    expect(await readAll()).toEqual(everything);
  });

  it('is what the next reader uses', async () => {
    await readAll();
    const { size, mtimeMs } = await stat(segment);
    const state = { segment: segment.slice(journal.directory.length + 1), size, mtimeMs };
    const index = await readIndexFile(segment, 'lines', state);
    await writeIndexFile(segment, 'lines', state, {
      position: index?.position ?? 0,
      content: Buffer.from(`${index?.content.toString('latin1')}`.replace('T2\t', 'T0\t')),
    });
    const store = await journal.openStore();
    expect(await store.getTrace('T2')).toEqual([]);
  });

  it('is made again when it was deleted', async () => {
    await readAll();
    const files = await indexFiles();
    for (const file of files) await rm(join(journal.directory, file));
    expect(await readAll()).toEqual(everything);
    expect(await indexFiles()).toEqual(files);
  });

  it.each(['lines', 'facts'])('is not believed when any byte of %s changed', async (kind) => {
    await readAll();
    const path = `${segment}.${kind}`;
    const whole = await readFile(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Buffer.from(whole);
        damaged.writeUInt8(damaged.readUInt8(at) ^ change, at);
        await writeFile(path, damaged);
        expect(await readAll()).toEqual(everything);
      }),
      { numRuns: 60 },
    );
  });

  it.each(['lines', 'facts'])('is not believed when %s was cut short', async (kind) => {
    await readAll();
    const path = `${segment}.${kind}`;
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length += 7) {
      await writeFile(path, whole.subarray(0, length));
      expect(await readAll()).toEqual(everything);
    }
  });

  it('is not believed when the segment is another one since', async () => {
    await readAll();
    const text = await readFile(segment, 'utf8');
    await writeFile(segment, text.split('\n').slice(0, 3).join('\n').concat('\n'));
    expect((await readAll()).spans).toEqual(['S0', 'S1', 'S2']);
  });

  it('is not needed: a reader that cannot write it reads the segment', async () => {
    const index = `${segment}.lines`;
    await rm(index, { force: true });
    // A directory in its place cannot be replaced by a file.
    await mkdir(join(index, 'x'), { recursive: true });
    expect(await readAll()).toEqual(everything);
    expect(await readAll()).toEqual(everything);
  });

  it('that leads to the wrong lines is made again', async () => {
    const { size, mtimeMs } = await stat(segment);
    const state = { segment: segment.slice(journal.directory.length + 1), size, mtimeMs };
    await writeIndexFile(segment, 'lines', state, {
      position: size,
      content: Buffer.from('T1\t5 40 3 20\n'),
    });
    expect(await readAll()).toEqual(everything);
  });
});

describe('a segment that still grows', () => {
  it('is read on from where it was read last', async () => {
    const writer = await journal.openStore();
    const reader = await journal.openStore();
    for (let index = 0; index < 20; index += 1) {
      await writer.append([event('T9', `S${index}`, { tags: [`tag ${index}`] })]);
      expect(await reader.getTrace('T9')).toHaveLength(index + 1);
      expect((await reader.listTraces({ tag: `tag ${index}` })).traces).toMatchObject([
        { traceId: 'T9', events: index + 1 },
      ]);
    }
    expect(await indexFiles()).toHaveLength(2); // those of the segment that was ended before
  });

  it('gives a line that is being written once it is whole', async () => {
    const writer = await journal.openStore();
    await writer.append([event('T9', 'S1')]);
    const growing = (await journal.segments())[1] ?? '';
    const line = await readFile(growing, 'latin1');
    const reader = await journal.openStore();
    await appendFile(growing, line.slice(0, 20));
    expect(await reader.getTrace('T9')).toHaveLength(1);
    expect(reader.health().tornBytes).toBe(20);
    await appendFile(growing, line.slice(20));
    expect(await reader.getTrace('T9')).toHaveLength(1); // the same event twice
    expect(reader.health()).toMatchObject({ tornBytes: 0, damagedLines: 0 });
  });
});

describe('a line that another program wrote', () => {
  it('is an event with an id of its own', async () => {
    const lines = ['S1', 'S2'].map((span) => JSON.stringify(event('T9', span)));
    const name = '20260131T120000000Z_other_00000000_1_0_00000000.ndjson';
    await writeFile(join(journal.directory, name), encodeJournalLines(lines));
    const store = await journal.openStore();
    expect((await store.getTrace('T9')).map(({ event_id }) => event_id?.length)).toEqual([32, 32]);
  });
});

describe('a segment of another machine', () => {
  it('is read on when it grows after a long silence', async () => {
    const path = join(journal.directory, '20260131T120000000Z_elsewhere_00000000_1_0_00000000.ndjson');
    const line = (span: string): Buffer => encodeJournalLines([JSON.stringify(event('T9', span))]);
    await writeFile(path, line('S1'));
    const past = new Date(Date.now() - 48 * 3_600_000);
    await utimes(path, past, past);
    const store = await journal.openStore();
    expect(await store.getTrace('T9')).toHaveLength(1);
    expect(await store.getTrace('T8')).toHaveLength(0);
    expect(await indexFiles()).toContain(`${basename(path)}.lines`);
    await appendFile(path, line('S2'));
    expect(await store.getTrace('T9')).toHaveLength(2);
    expect(await (await journal.openStore()).getTrace('T9')).toHaveLength(2);
  });
});

describe('damage in an ended segment', () => {
  it('costs the event it hit, and is told whatever is read', async () => {
    const bytes = await readFile(segment);
    bytes.writeUInt8(0x7e, bytes.indexOf('"S2"') + 1);
    await writeFile(segment, bytes);
    const store = await journal.openStore();
    expect((await store.getTrace('T1')).map(({ span_id }) => span_id)).toEqual([
      'S0',
      'S1',
      'S3',
      'S4',
      'late',
    ]);
    expect(store.health()).toMatchObject({ damagedLines: 1 });

    const other = await journal.openStore();
    expect((await other.listTraces()).traces).toHaveLength(3);
    expect(other.health()).toMatchObject({ damagedLines: 1 });
    const third = await journal.openStore();
    await third.listTraces({ tag: 'none' });
    expect(third.health()).toMatchObject({ damagedLines: 1 });
  });

  it('is told when it hit the beginning of a line', async () => {
    const bytes = await readFile(segment);
    bytes.writeUInt8(0x7e, bytes.indexOf('\n') + 12);
    await writeFile(segment, bytes);
    for (let reader = 0; reader < 2; reader += 1) {
      const store = await journal.openStore();
      expect(await store.getTrace('T1')).toHaveLength(5);
      expect(store.health()).toMatchObject({ damagedLines: 1 });
    }
  });
});
