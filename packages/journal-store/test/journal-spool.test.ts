import { execFile } from 'node:child_process';
import { appendFile, chmod, readdir, rename, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { SpooledBatch } from '@throughline/core/events';
import {
  type JournalSpool,
  type JournalSpoolOptions,
  openJournalSpool,
  openJournalStore,
} from '@throughline/journal-store';
import { spawnNode } from '@throughline/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { event, events, type JournalFolder, journalFolder } from './journal-folder.ts';

const SPOOL_EVENTS = new URL('fixtures/spool-events.mjs', import.meta.url);
const FILL_SPOOL = new URL('fixtures/fill-spool.mjs', import.meta.url);

let journal: JournalFolder;
beforeEach(async () => {
  journal = await journalFolder();
});
afterEach(() => journal.remove());

async function batchesOf(spool: JournalSpool): Promise<SpooledBatch[]> {
  const batches: SpooledBatch[] = [];
  for await (const batch of spool.pending()) batches.push(batch);
  return batches;
}

async function waiting(spool: JournalSpool): Promise<string[]> {
  return (await batchesOf(spool)).flatMap((batch) => batch.events.map(({ span_id }) => span_id));
}

async function drain(spool: JournalSpool): Promise<string[]> {
  const ids: string[] = [];
  for await (const { events, done } of spool.pending()) {
    ids.push(...events.map(({ event_id = '' }) => event_id));
    await done();
  }
  return ids;
}

describe('openJournalSpool', () => {
  it('creates the directory and its files for their owner only', async () => {
    const spool = await journal.openSpool();
    await spool.append([event('T1', 'S1')]);
    expect((await stat(journal.directory)).mode & 0o777).toBe(0o700);
    for (const segment of await journal.segments()) expect((await stat(segment)).mode & 0o777).toBe(0o600);
  });

  it('refuses a journal, as a journal refuses a spool', async () => {
    await journal.openStore();
    const refused = { code: 'THROUGHLINE_JOURNAL_NOT_A_JOURNAL' };
    await expect(journal.openSpool()).rejects.toMatchObject(refused);
    const directory = join(journal.folder, 'spool');
    await openJournalSpool({ directory }).then((spool) => spool.close());
    await expect(openJournalStore({ directory })).rejects.toMatchObject(refused);
  });

  it.each([
    undefined,
    {},
    { directory: '' },
    { directory: '.', maxBytes: 0 },
    { directory: '.', batchEvents: Number.NaN },
    { directory: '.', sync: 'often' },
    { directory: '.', segmentBytes: 1 },
  ])('refuses %j as options', async (options) => {
    await expect(openJournalSpool(options as JournalSpoolOptions)).rejects.toMatchObject({
      code: 'THROUGHLINE_OPTION_INVALID',
    });
  });
});

describe('a spool', () => {
  it('gives back what it keeps, oldest first, in batches', async () => {
    const spool = await journal.openSpool({ batchEvents: 10 });
    await spool.append(events('T1', 25));
    const batches = await batchesOf(spool);
    expect(batches.map((batch) => batch.events.length)).toEqual([10, 10, 5]);
    expect(await waiting(spool)).toEqual(events('T1', 25).map(({ span_id }) => span_id));
  });

  it('gives a batch again until it is done, and then never again', async () => {
    const spool = await journal.openSpool({ batchEvents: 2 });
    await spool.append(events('T1', 5));
    const [first, second, third] = await batchesOf(spool);
    await second?.done();
    expect(await waiting(spool)).toEqual(['S0', 'S1', 'S4']);
    await first?.done();
    expect(await journal.segments()).toHaveLength(1);
    await third?.done();
    expect(await waiting(spool)).toEqual([]);
    expect(await journal.segments()).toEqual([]);
  });

  it('gives a batch again when its reader stopped half-way', async () => {
    const spool = await journal.openSpool({ batchEvents: 2 });
    await spool.append(events('T1', 5));
    for await (const { done } of spool.pending()) {
      await done();
      break;
    }
    expect(await waiting(spool)).toEqual(['S2', 'S3', 'S4']);
    await drain(spool);
    expect(await journal.segments()).toEqual([]);
  });

  it('takes more while it is being drained', async () => {
    const spool = await journal.openSpool({ batchEvents: 10 });
    const given: string[] = [];
    await spool.append(events('T1', 30));
    for await (const { events: batch, done } of spool.pending()) {
      given.push(...batch.map(({ span_id }) => span_id));
      await spool.append([event('T2', `more ${given.length}`)]);
      await done();
    }
    expect(given).toHaveLength(30);
    expect(await waiting(spool)).toEqual(['more 10', 'more 20', 'more 30']);
  });

  it('keeps events at once, beside appends that are under way', async () => {
    const spool = await journal.openSpool();
    const appends = Array.from({ length: 20 }, (_, index) => spool.append([event('T1', `A${index}`)]));
    for (let index = 0; index < 20; index += 1) spool.appendSync([event('T1', `B${index}`)]);
    await Promise.all(appends);
    expect(new Set(await waiting(spool)).size).toBe(40);
    expect(spool.health().damagedLines).toBe(0);
  });

  it('is left to the next opening when it is closed', async () => {
    const spool = await journal.openSpool();
    await spool.append(events('T1', 3));
    await spool.close();
    const next = await journal.openSpool();
    expect(await waiting(next)).toEqual(['S0', 'S1', 'S2']);
    await expect(spool.append(events('T1', 1))).rejects.toMatchObject({ code: 'THROUGHLINE_STORE_CLOSED' });
    expect(() => spool.appendSync(events('T1', 1))).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_STORE_CLOSED' }),
    );
  });

  it('leaves alone what another opening of this process still uses', async () => {
    const spool = await journal.openSpool();
    await spool.append(events('T1', 3));
    const other = await journal.openSpool();
    expect(await waiting(other)).toEqual([]);
    expect(await waiting(spool)).toHaveLength(3);
  });

  it('leaves alone what another opening of this process has ended and not drained yet', async () => {
    const spool = await journal.openSpool({ segmentBytes: 4096 });
    await spool.append(events('T1', 100));
    await spool.append(events('T2', 1));
    expect(await waiting(spool)).toHaveLength(101);
    const other = await journal.openSpool();
    expect(await waiting(other)).toEqual([]);
    await spool.close();
    expect(await waiting(other)).toHaveLength(101);
  });

  it('gives the rest of a damaged segment, and tells', async () => {
    const spool = await journal.openSpool();
    await spool.append([event('T1', 'S1')]);
    const [segment = ''] = await journal.segments();
    await appendFile(segment, '00000000 {"trace_id":"T1"}\n');
    await spool.append([event('T1', 'S2')]);
    expect(await waiting(spool)).toEqual(['S1', 'S2']);
    await drain(spool);
    expect(spool.health()).toEqual({ segments: 0, bytes: 0, damagedLines: 1 });
  });

  it('refuses what is no event', async () => {
    const spool = await journal.openSpool();
    const bad = [{ trace_id: 'T1' } as never];
    await expect(spool.append(bad)).rejects.toMatchObject({ code: 'THROUGHLINE_OPTION_INVALID' });
    expect(await journal.segments()).toEqual([]);
  });
});

describe('a spool that is full', () => {
  it('refuses what is beyond maxBytes, and takes more once something is done', async () => {
    const spool = await journal.openSpool({ maxBytes: 20_000, segmentBytes: 4096 });
    const full = { code: 'THROUGHLINE_STORE_FULL' };
    const ids: string[] = [];
    await expect(async () => {
      for (;;) {
        const batch = events('T1', 5).map((each, index) => ({ ...each, event_id: `${ids.length + index}` }));
        await spool.append(batch);
        ids.push(...batch.map(({ event_id }) => event_id));
      }
    }).rejects.toMatchObject(full);
    expect(spool.health().bytes).toBeLessThanOrEqual(20_000);
    expect(spool.health().bytes).toBeGreaterThan(15_000);
    expect(() => spool.appendSync(events('T1', 20))).toThrow(expect.objectContaining(full));
    expect(await drain(spool)).toEqual(ids);
    await spool.append(events('T2', 20));
    expect(await waiting(spool)).toHaveLength(20);
  });

  it('counts what other openings keep', async () => {
    const spool = await journal.openSpool();
    await spool.append(events('T1', 50));
    const other = await journal.openSpool({ maxBytes: 10_000 });
    await expect(other.append(events('T1', 1))).rejects.toMatchObject({ code: 'THROUGHLINE_STORE_FULL' });
  });

  it('says so when the disk is', async () => {
    const limited = [
      '-c',
      'ulimit -f 16 && exec "$0" "$@"',
      process.execPath,
      fileURLToPath(FILL_SPOOL),
      journal.directory,
    ];
    const { stdout } = await promisify(execFile)('sh', limited);
    const { kept, code } = JSON.parse(stdout) as { readonly kept: number; readonly code: string };
    expect(code).toBe('THROUGHLINE_STORE_FULL');
    const spool = await journal.openSpool();
    expect((await drain(spool)).length).toBeGreaterThanOrEqual(kept);
    expect(await journal.segments()).toEqual([]);
  });

  it('says so when the directory is not writable', async () => {
    await journal.openSpool();
    await chmod(journal.folder, 0o755);
    await chmod(journal.directory, 0o755);
    const asNobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    if (process.getuid?.() !== 0) await chmod(journal.directory, 0o555);
    await chmod(join(journal.directory, 'journal.json'), 0o644);
    const child = spawnNode(SPOOL_EVENTS, [journal.directory, '1'], asNobody);
    expect(await child.exited).toMatchObject({ code: 1 });
    expect(child.errorLines.join('\n')).toContain('THROUGHLINE_JOURNAL_NOT_WRITABLE');
    await chmod(journal.directory, 0o755);
  });
});

describe('what another process spooled', () => {
  it('is left alone while that process runs, and taken over once it was killed', async () => {
    const children = [1, 2].map(() => spawnNode(SPOOL_EVENTS, [journal.directory, '20']));
    await Promise.all(children.map((child) => child.waitForLine(/waiting/)));
    const [killed, running] = children;
    const spool = await journal.openSpool();
    expect(await waiting(spool)).toEqual([]);

    await killed?.kill();
    const ids = killed?.lines.slice(0, 20);
    expect((await batchesOf(spool)).flatMap((batch) => batch.events.map(({ event_id }) => event_id))).toEqual(
      ids,
    );
    expect(await drain(spool)).toEqual(ids);
    expect(await journal.segments()).toHaveLength(1);

    await running?.kill();
    expect(await drain(spool)).toEqual(running?.lines.slice(0, 20));
    expect(await journal.segments()).toEqual([]);
  });

  it('is taken by one of those who want it', async () => {
    const child = spawnNode(SPOOL_EVENTS, [journal.directory, '20']);
    await child.waitForLine(/waiting/);
    await child.kill();
    const spools = await Promise.all([1, 2, 3].map(() => journal.openSpool()));
    const taken = await Promise.all(spools.map(drain));
    expect(taken.flat().sort()).toEqual(child.lines.slice(0, 20).sort());
  });

  it('is taken over when its pid belongs to another process since', async () => {
    const spool = await journal.openSpool();
    await spool.append(events('T1', 3));
    await spool.close();
    const [segment = ''] = await journal.segments();
    const [time, host, machine, , , boot] = basename(segment).split('_');
    const parent = [time, host, machine, process.ppid, '1', boot].join('_');
    await rename(segment, join(dirname(segment), parent));
    const next = await journal.openSpool();
    const isTold = process.platform === 'linux';
    expect(await waiting(next)).toHaveLength(isTold ? 3 : 0);
  });

  it('is taken over from elsewhere when it was silent for long', async () => {
    const spool = await journal.openSpool();
    await spool.append(events('T1', 3));
    await spool.close();
    const [segment = ''] = await journal.segments();
    const elsewhere = basename(segment).replace(
      /^([^_]+)_[^_]+_[0-9a-f]{8}_\d+_/,
      '$1_elsewhere_00000000_4711_',
    );
    const path = join(dirname(segment), elsewhere);
    await rename(segment, path);
    const next = await journal.openSpool();
    expect(await waiting(next)).toEqual([]);
    const past = new Date(Date.now() - 121_000);
    await utimes(path, past, past);
    expect(await waiting(next)).toHaveLength(3);
    const [name = ''] = (await readdir(journal.directory)).filter((each) => each.endsWith('.ndjson'));
    expect(name.split('_')[1]).toBe(
      hostname()
        .replaceAll(/[^A-Za-z0-9.-]/g, '-')
        .slice(0, 63),
    );
  });
});
