import { execFile } from 'node:child_process';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TraceEvent } from '@throughline/core/events';
import { EventWriter } from '@throughline/core/events';
import { type JournalStore, type JournalStoreOptions, openJournalStore } from '@throughline/journal-store';
import { spawnNode } from '@throughline/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { event } from './journal-folder.ts';

const APPEND_EVENTS = new URL('fixtures/append-events.mjs', import.meta.url);
const FILL_UP = new URL('fixtures/fill-up.mjs', import.meta.url);
const READ_AND_APPEND = new URL('fixtures/read-and-append.mjs', import.meta.url);
const NOBODY = 65_534;

let folder: string;
let directory: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-journal-'));
  directory = join(folder, 'journal');
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await rm(folder, { recursive: true, force: true });
});

const stores: JournalStore[] = [];

async function open(): Promise<JournalStore> {
  const store = await openJournalStore({ directory });
  stores.push(store);
  return store;
}

async function onlySegment(): Promise<string> {
  const segments = (await readdir(directory)).filter((name) => name.endsWith('.ndjson'));
  expect(segments).toHaveLength(1);
  return join(directory, segments[0] ?? '');
}

describe('openJournalStore', () => {
  it('creates the directory for its owner only', async () => {
    await open();
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  it('opens a journal that exists', async () => {
    await open();
    await expect(open()).resolves.toBeDefined();
  });

  it('lets many openers race for a new directory', async () => {
    const stores = await Promise.all(Array.from({ length: 20 }, () => open()));
    expect(stores).toHaveLength(20);
  });

  it('leaves no segment behind when nothing is appended', async () => {
    const store = await open();
    await store.listTraces();
    await store.close();
    expect(await readdir(directory)).toEqual(['journal.json']);
  });

  it('refuses a directory that holds something else', async () => {
    await mkdir(directory);
    await writeFile(join(directory, 'notes.txt'), 'mine');
    await expect(open()).rejects.toMatchObject({
      code: 'THROUGHLINE_JOURNAL_NOT_A_JOURNAL',
      message: expect.stringContaining('notes.txt'),
    });
  });

  it('refuses a file', async () => {
    await writeFile(directory, '');
    await expect(open()).rejects.toMatchObject({
      code: 'THROUGHLINE_JOURNAL_NOT_A_JOURNAL',
    });
  });

  it('refuses a journal of a later format', async () => {
    await mkdir(directory);
    await writeFile(join(directory, 'journal.json'), '{"format":"throughline-journal","version":2}');
    await expect(open()).rejects.toThrow('format version 2');
  });

  it('refuses a journal whose marker cannot be read', async () => {
    await mkdir(join(directory, 'journal.json'), { recursive: true });
    await expect(open()).rejects.toMatchObject({
      code: 'THROUGHLINE_JOURNAL_NOT_A_JOURNAL',
    });
  });

  it.each([undefined, null, {}, { directory: 7 }, { directory: '.', sync: 'often' }])(
    'refuses %j as options',
    async (options) => {
      await expect(openJournalStore(options as unknown as JournalStoreOptions)).rejects.toMatchObject({
        code: 'THROUGHLINE_OPTION_INVALID',
      });
    },
  );

  it('says so when the directory cannot be written', async () => {
    await chmod(folder, 0o755);
    const asNobody = process.getuid?.() === 0 ? { uid: NOBODY } : {};
    if (process.getuid?.() !== 0) await chmod(folder, 0o555);
    const child = spawnNode(APPEND_EVENTS, [directory, 'T1', '1'], asNobody);
    expect(await child.exited).toMatchObject({ code: 1 });
    expect(child.errorLines.join('\n')).toContain('THROUGHLINE_JOURNAL_NOT_WRITABLE');
    await chmod(folder, 0o755);
  });

  it('says so when there is no room to make it', async () => {
    const limited = [
      '-c',
      'ulimit -f 0 && exec "$0" "$@"',
      process.execPath,
      fileURLToPath(FILL_UP),
      directory,
    ];
    await expect(promisify(execFile)('sh', limited)).rejects.toThrow('THROUGHLINE_STORE_FULL');
    await expect(open()).resolves.toBeDefined();
  });

  it('opens what can only be read, and says so when it is appended to', async () => {
    const store = await open();
    await store.append([event('T1', 'S1'), event('T1', 'S2'), event('T2', 'S3')]);
    await store.close();
    for (const name of await readdir(directory)) await chmod(join(directory, name), 0o444);
    await chmod(directory, 0o555);
    await chmod(folder, 0o755);
    const asNobody = process.getuid?.() === 0 ? { uid: NOBODY } : {};
    const child = spawnNode(READ_AND_APPEND, [directory], asNobody);
    await child.exited;
    expect(JSON.parse(child.lines[0] ?? child.errorLines.join('\n'))).toEqual({
      events: 2,
      traces: 2,
      code: 'THROUGHLINE_JOURNAL_NOT_WRITABLE',
    });
    await chmod(directory, 0o755);
  });

  it.each([[''], [undefined], [7]])('refuses %j as a directory', async (wrong) => {
    await expect(openJournalStore({ directory: wrong as string })).rejects.toMatchObject({
      code: 'THROUGHLINE_OPTION_INVALID',
    });
  });
});

describe('JournalStore.append', () => {
  it('gives back what it stored, from another opener of the same directory', async () => {
    const writing = await open();
    await writing.append([event('T1', 'S1', { data: { name: 'näme\n', attempt: 1 }, tags: ['a'] })]);
    const reading = await open();
    expect(await reading.getTrace('T1')).toMatchObject([
      { trace_id: 'T1', span_id: 'S1', data: { name: 'näme\n', attempt: 1 }, tags: ['a'] },
    ]);
  });

  it('keeps segments for their owner only', async () => {
    const store = await open();
    await store.append([event('T1', 'S1')]);
    expect((await stat(await onlySegment())).mode & 0o777).toBe(0o600);
  });

  it('counts an event that it has stored before as a duplicate', async () => {
    const store = await open();
    const first = event('T1', 'S1', { event_id: 'e1' });
    expect(await store.append([first])).toMatchObject({ stored: 1, duplicates: 0 });
    expect(await store.append([first, event('T1', 'S2', { event_id: 'e2' }), first])).toMatchObject({
      stored: 1,
      duplicates: 2,
    });
    expect(await store.getTrace('T1')).toHaveLength(2);
  });

  it('is one event to readers when two processes stored it', async () => {
    for (let index = 0; index < 2; index += 1) {
      const store = await open();
      await store.append([event('T1', 'S1', { event_id: 'e1' })]);
      await store.close();
    }
    const store = await open();
    expect(await store.getTrace('T1')).toHaveLength(1);
  });

  it('stores the rest of a batch when one event is none', async () => {
    const store = await open();
    const bad = { trace_id: 'T1' } as unknown as TraceEvent;
    const result = await store.append([event('T1', 'S1'), bad, event('T1', 'S2')]);
    expect(result.stored).toBe(2);
    expect(result.rejected).toEqual([{ event: bad, reason: 'span_id is missing' }]);
  });

  it('keeps the order of appends that were made at once', async () => {
    const store = await open();
    const ids = Array.from({ length: 200 }, (_, index) => `S${index}`);
    await Promise.all(ids.map((id) => store.append([event('T1', id)])));
    expect((await store.getTrace('T1')).map(({ span_id }) => span_id)).toEqual(ids);
  });

  it('rejects when the store is closed', async () => {
    const store = await open();
    await store.close();
    await expect(store.append([event('T1', 'S1')])).rejects.toMatchObject({
      code: 'THROUGHLINE_STORE_CLOSED',
    });
  });

  it('does not call stored what went to a deleted file', async () => {
    const store = await open();
    await store.append([event('T1', 'S1')]);
    await rm(await onlySegment());
    expect(await store.append([event('T1', 'S2')])).toMatchObject({ stored: 1 });
    expect(await store.getTrace('T1')).toMatchObject([{ span_id: 'S2' }]);

    await rm(directory, { recursive: true });
    await expect(store.append([event('T1', 'S3')])).rejects.toMatchObject({
      code: 'THROUGHLINE_STORE_UNAVAILABLE',
    });
    await expect(store.getTrace('T1')).rejects.toMatchObject({ code: 'THROUGHLINE_STORE_UNAVAILABLE' });
    await store.close();
  });

  it('rejects as unavailable when the directory is gone', async () => {
    const store = await open();
    await rm(directory, { recursive: true });
    await expect(store.append([event('T1', 'S1')])).rejects.toMatchObject({
      code: 'THROUGHLINE_STORE_UNAVAILABLE',
    });
  });

  it('writes what can be opened again when somebody has deleted the directory and made it anew', async () => {
    const store = await open();
    await store.append([event('T1', 'S1')]);
    await rm(directory, { recursive: true });
    await mkdir(directory);
    await store.append([event('T1', 'S2')]);
    const later = await open();
    expect(await later.getTrace('T1')).toMatchObject([{ span_id: 'S2' }]);
  });

  it('keeps what an EventWriter brings, when the directory holds something else by now', async () => {
    const store = await open();
    await rm(directory, { recursive: true });
    await mkdir(directory);
    await writeFile(join(directory, 'notes.txt'), '');
    await expect(store.append([event('T1', 'S1')])).rejects.toMatchObject({
      code: 'THROUGHLINE_STORE_UNAVAILABLE',
    });
  });
});

describe('JournalStore.append, twice at once', () => {
  it('counts an event as a duplicate that is still being written', async () => {
    const store = await open();
    const batch = [event('T1', 'S1', { event_id: 'E1' })];
    const [first, second] = await Promise.all([store.append(batch), store.append(batch)]);
    expect([first, second]).toMatchObject([
      { stored: 1, duplicates: 0 },
      { stored: 0, duplicates: 1 },
    ]);
  });

  it('calls nothing a duplicate whose write fails', async () => {
    const store = await open();
    const batch = [event('T1', 'S1', { event_id: 'E1' })];
    await rename(directory, `${directory}-away`);
    const both = await Promise.allSettled([store.append(batch), store.append(batch)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await rename(`${directory}-away`, directory);
    expect(await store.append(batch)).toMatchObject({ stored: 1, duplicates: 0 });
  });
});

describe('JournalStore.append, when there is no room', () => {
  it('rejects as full, and keeps what was whole', async () => {
    const limited = [
      '-c',
      'ulimit -f 16 && exec "$0" "$@"',
      process.execPath,
      fileURLToPath(FILL_UP),
      directory,
    ];
    const { stdout } = await promisify(execFile)('sh', limited);
    const { stored, code } = JSON.parse(stdout) as { readonly stored: number; readonly code: string };
    expect(code).toBe('THROUGHLINE_STORE_FULL');
    const store = await open();
    expect((await store.getTrace('T1')).length).toBeGreaterThanOrEqual(stored);
    expect(store.health()).toMatchObject({ damagedLines: 0 });
  });
});

describe('JournalStore, read', () => {
  it('knows nothing of an unknown trace', async () => {
    const store = await open();
    expect(await store.getTrace('T9')).toEqual([]);
  });

  it('tells traces apart whose ids are prefixes of one another', async () => {
    const store = await open();
    await store.append([event('T1', 'S1'), event('T12', 'S2')]);
    expect(await store.getTrace('T1')).toMatchObject([{ span_id: 'S1' }]);
  });

  it('finds ids that JSON must escape', async () => {
    const store = await open();
    await store.append([event('T"\\é', 'S1')]);
    expect(await store.getTrace('T"\\é')).toHaveLength(1);
  });

  it('lists a trace by the id of its job', async () => {
    const store = await open();
    const entity = { system: 'bullmq', queue: 'mail', name: 'send', id: '42' };
    await store.append([event('T1', 'S1', { data: { entity } }), event('T2', 'S2')]);
    const { traces } = await store.listTraces({ entityId: '42' });
    expect(traces.map(({ traceId }) => traceId)).toEqual(['T1']);
  });

  it('lists traces by words that many other traces have too', async () => {
    const store = await open();
    const events = Array.from({ length: 20 }, (_, i) => event(`T${i}`, 'S1', { tags: ['vip'] }));
    await store.append([...events, event('T99', 'S1', { data: { note: 'vip' } })]);
    expect((await store.listTraces({ tag: 'vip' })).traces).toHaveLength(20);
    expect(
      (await store.listTraces({ tag: 'vip', eventType: 'job:started', entityId: 'none' })).traces,
    ).toEqual([]);
  });

  it('is aborted while it reads', async () => {
    const store = await open();
    await store.append([event('T1', 'S1')]);
    const controller = new AbortController();
    const reading = store.getTrace('T1', { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });

  it('leaves a torn line out, tells of it, and reads what other processes wrote', async () => {
    const store = await open();
    await store.append([event('T1', 'S1'), event('T1', 'S2')]);
    const segment = await onlySegment();
    await truncate(segment, (await stat(segment)).size - 10);
    const other = await open();
    await other.append([event('T1', 'S3')]);
    expect((await store.getTrace('T1')).map(({ span_id }) => span_id)).toEqual(['S1', 'S3']);
    expect(store.health().tornBytes).toBeGreaterThan(0);
  });

  it('leaves a damaged line out and tells of it', async () => {
    const store = await open();
    await store.append([event('T1', 'S1')]);
    await appendFile(await onlySegment(), '00000000 {"trace_id":"T1"}\nno line of ours about "T1"\n');
    expect(await store.getTrace('T1')).toHaveLength(1);
    expect(store.health()).toMatchObject({
      damagedLines: 2,
      tornBytes: 0,
      damaged: [{ segment: basename(await onlySegment()), damagedLines: 2, tornBytes: 0 }],
    });
  });
});

describe('a journal that several processes share', () => {
  it('holds what each of them wrote, in one trace', async () => {
    const children = [1, 2, 3].map(() => spawnNode(APPEND_EVENTS, [directory, 'T1', '50']));
    const exits = await Promise.all(children.map(({ exited }) => exited));
    expect(exits.map(({ code }) => code)).toEqual([0, 0, 0]);

    const store = await open();
    const events = await store.getTrace('T1');
    expect(events).toHaveLength(150);
    expect(new Set(events.map(({ source }) => source)).size).toBe(3);
  });

  it('keeps what a killed process was told is stored', async () => {
    const child = spawnNode(APPEND_EVENTS, [directory, 'T1', '100000']);
    await child.waitForLine(/-40$/);
    await child.kill('SIGKILL');
    const store = await open();
    const stored = new Set((await store.getTrace('T1')).map(({ event_id }) => event_id));
    expect(child.lines.length).toBeGreaterThan(40);
    expect(child.lines.filter((id) => !stored.has(id))).toEqual([]);
  });
});

describe('an EventWriter with a journal', () => {
  it('says complete when everything is on disk', async () => {
    const store = await open();
    const writer = new EventWriter(store);
    writer.emit(event('T1', 'S1'));
    expect(await writer.close()).toMatchObject({ complete: true });
    const reading = await open();
    expect(await reading.getTrace('T1')).toMatchObject([{ span_id: 'S1', source: store.source }]);
  });
});
