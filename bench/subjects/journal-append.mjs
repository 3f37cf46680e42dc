// Durable appends of traces of 20 events; `?together=N` says how many traces share a sync.
import { join } from 'node:path';
import { openJournalStore } from '@throughline/journal-store';
import { EVENTS_PER_TRACE, emptyFolder, traceOf } from './journal-folder.mjs';

const together = Number(new URL(import.meta.url).searchParams.get('together') ?? 1);
const traces = Array.from({ length: together * 200 }, (_, index) => traceOf(index));
const warmUps = Array.from({ length: together * 100 }, (_, index) => traceOf(index + traces.length));
const { folder, remove } = emptyFolder();
const store = await openJournalStore({ directory: join(folder, 'journal') });

/** @type {import('../harness/subject.mjs').Subject} */
export default {
  warmUp: () => append(warmUps),
  run: () => append(traces),
  async end() {
    await store.close();
    remove();
  },
};

/** @param {typeof traces} list */
async function append(list) {
  for (let first = 0; first < list.length; first += together) {
    const results = await Promise.all(
      list.slice(first, first + together).map((trace) => store.append(trace)),
    );
    if (results.some(({ stored }) => stored !== EVENTS_PER_TRACE))
      throw new Error('Not everything was stored');
  }
  return list.length * EVENTS_PER_TRACE;
}
