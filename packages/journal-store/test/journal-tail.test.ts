import { appendFile, readFile, rm } from 'node:fs/promises';
import type { TraceEvent } from '@throughline/core/events';
import { spawnNode } from '@throughline/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { event, type JournalFolder, journalFolder } from './journal-folder.ts';

const APPEND_EVENTS = new URL('fixtures/append-events.mjs', import.meta.url);

let journal: JournalFolder;
beforeEach(async () => {
  journal = await journalFolder();
});
afterEach(() => journal.remove());

async function take(tail: AsyncIterator<TraceEvent>, count: number): Promise<string[]> {
  const spans: string[] = [];
  while (spans.length < count) {
    const { value, done } = await tail.next();
    if (done === true) break;
    spans.push(value.span_id);
  }
  return spans;
}

async function rest(tail: AsyncIterable<TraceEvent>): Promise<string[]> {
  const spans: string[] = [];
  for await (const { span_id } of tail) spans.push(span_id);
  return spans;
}

describe('JournalStore.tail', () => {
  it('gives what is stored after the call, by any opener, in new segments too, each once', async () => {
    const store = await journal.openStore();
    const other = await journal.openStore({ segmentBytes: 4096 });
    await store.append([event('T1', 'before')]);
    await other.append([event('T1', 'also before')]);
    const tail = store.tail()[Symbol.asyncIterator]();
    await store.append([event('T1', 'S1', { event_id: 'E1' })]);
    expect(await take(tail, 1)).toEqual(['S1']);
    const later = Array.from({ length: 60 }, (_, index) => `L${index}`);
    for (const id of later) await other.append([event('T2', id, { data: { note: 'x'.repeat(200) } })]);
    await other.append([event('T1', 'S1', { event_id: 'E1' }), event('T2', 'last')]);
    expect(await take(tail, 61)).toEqual([...later, 'last']);
    expect((await journal.segments()).length).toBeGreaterThan(4);
    await tail.return?.();
  });

  it('gives what another process stores', async () => {
    const store = await journal.openStore();
    const tail = store.tail()[Symbol.asyncIterator]();
    const child = spawnNode(APPEND_EVENTS, [journal.directory, 'T1', '30']);
    expect(await take(tail, 30)).toEqual(Array.from({ length: 30 }, () => `S${child.pid}`));
    expect(await child.exited).toMatchObject({ code: 0 });
    await tail.return?.();
  });

  it('gives what matched the query when it was stored, however late it is read', async () => {
    const store = await journal.openStore();
    const tail = store.tail({ tag: 'vip' })[Symbol.asyncIterator]();
    await store.append([event('T1', 'too early'), event('T2', 'S2')]);
    await store.append([event('T3', 'S3', { tags: ['vip'] })]);
    await store.append([event('T1', 'S1', { tags: ['vip'] })]);
    await store.append([event('T1', 'now too')]);
    expect(await take(tail, 3)).toEqual(['S3', 'S1', 'now too']);
    await tail.return?.();
  });

  it('knows what was stored before the call, and a status that changes', async () => {
    const store = await journal.openStore();
    const at = (event_type: string, span: string): TraceEvent => event('T1', span, { event_type });
    await store.append([at('job:started', 'S1')]);
    const tail = store.tail({ status: 'open' })[Symbol.asyncIterator]();
    await store.append([at('ai:decision', 'while open')]);
    await store.append([at('job:completed', 'S1')]);
    await store.append([at('ai:decision', 'while complete')]);
    await store.append([at('job:started', 'open again')]);
    expect(await take(tail, 2)).toEqual(['while open', 'open again']);
    await tail.return?.();
  });

  it('waits for the rest of a line that is being written, also when it began before the call', async () => {
    const store = await journal.openStore();
    await store.append([event('T1', 'S1', { event_id: 'E1' })]);
    const [segment = ''] = await journal.segments();
    const line = await readFile(segment, 'latin1');
    await store.append([event('T1', 'S2', { event_id: 'E2' })]);
    const second = (await readFile(segment, 'latin1')).slice(line.length);
    await appendFile(segment, line.slice(0, 30)); // as if S1 were written again
    const tail = store.tail()[Symbol.asyncIterator]();
    await appendFile(segment, line.slice(30) + second.slice(0, 50));
    expect(await take(tail, 1)).toEqual(['S1']);
    await appendFile(segment, second.slice(50));
    expect(await take(tail, 1)).toEqual(['S2']);
    await tail.return?.();
  });

  it('ends when the signal is aborted, after what was stored before', async () => {
    const store = await journal.openStore();
    const controller = new AbortController();
    const tail = store.tail({}, { signal: controller.signal });
    await store.append([event('T1', 'S1'), event('T1', 'S2')]);
    controller.abort();
    await store.append([event('T1', 'after')]);
    expect(await rest(tail)).toEqual(['S1', 'S2']);
  });

  it('ends when the signal is aborted while somebody waits', async () => {
    const store = await journal.openStore();
    const controller = new AbortController();
    const waiting = rest(store.tail({}, { signal: controller.signal }));
    await new Promise(setImmediate);
    controller.abort();
    expect(await waiting).toEqual([]);
  });

  it('gives nothing when the signal was aborted before', async () => {
    const store = await journal.openStore();
    const tail = store.tail({}, { signal: AbortSignal.abort() });
    await store.append([event('T1', 'S1')]);
    expect(await rest(tail)).toEqual([]);
  });

  it('ends when the store is closed, after what was stored before', async () => {
    const store = await journal.openStore();
    const read = store.tail();
    const waiting = rest(store.tail());
    const stored = store.append([event('T1', 'S1')]);
    await store.close();
    await stored;
    expect(await rest(read)).toEqual(['S1']);
    expect(await waiting).toEqual(['S1']);
  });

  it('ends when its reader turns away, also while it waits', async () => {
    const store = await journal.openStore();
    const tail = store.tail()[Symbol.asyncIterator]();
    const waiting = tail.next();
    await tail.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await tail.next()).toEqual({ done: true, value: undefined });
  });

  it('misses nothing of what is stored while its reader does something else', async () => {
    const store = await journal.openStore();
    const controller = new AbortController();
    const tail = store.tail({}, { signal: controller.signal });
    const note = 'x'.repeat(1000);
    for (let batch = 0; batch < 40; batch += 1) {
      await store.append(
        Array.from({ length: 100 }, (_, index) => event(`T${batch}`, `S${index}`, { data: { note } })),
      );
    }
    controller.abort();
    expect(await rest(tail)).toHaveLength(4000);
  });

  it('rejects as unavailable when the directory is gone', async () => {
    const store = await journal.openStore();
    const tail = store.tail()[Symbol.asyncIterator]();
    await rm(journal.directory, { recursive: true });
    await expect(tail.next()).rejects.toMatchObject({ code: 'THROUGHLINE_STORE_UNAVAILABLE' });
    expect(() => store.tail()).toThrow(expect.objectContaining({ code: 'THROUGHLINE_STORE_UNAVAILABLE' }));
  });
});
