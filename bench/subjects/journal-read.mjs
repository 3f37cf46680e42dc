// Questions to a journal of 100,000 events. `?what=` says which, `trace` or `list`, and what is there before: `warm-`, a store
// that was asked before; `opened-`, index files that another one left; `cold-`, nothing but segments.
import { join } from 'node:path';
import { openJournalStore } from '@throughline/journal-store';
import {
  deleteIndexes,
  EVENTS_PER_TRACE,
  emptyFolder,
  TRACES,
  traceIdOf,
  writeJournal,
} from './journal-folder.mjs';

const [temperature = '', kind = ''] = (new URL(import.meta.url).searchParams.get('what') ?? '').split('-');
const rounds = temperature === 'warm' ? (kind === 'trace' ? 2_000 : 50) : 4;
const { folder, remove } = emptyFolder();
const directory = join(folder, 'journal');
/** @type {import('@throughline/journal-store').JournalStore | undefined} */
let warm;

/** @type {import('../harness/subject.mjs').Subject} */
export default {
  async prepare() {
    await writeJournal(directory);
    if (temperature !== 'cold') await read(0);
    if (temperature === 'warm') warm = await openJournalStore({ directory });
  },
  warmUp: readAll,
  run: readAll,
  async end() {
    await warm?.close();
    remove();
  },
};

async function readAll() {
  for (let round = 0; round < rounds; round += 1) {
    if (temperature === 'cold') deleteIndexes(directory);
    await read(round);
  }
  return rounds;
}

/** @param {number} round */
async function read(round) {
  const store = warm ?? (await openJournalStore({ directory }));
  const found =
    kind === 'trace'
      ? (await store.getTrace(traceIdOf((round * 37) % TRACES))).length
      : (await store.listTraces({ queue: 'mail', limit: EVENTS_PER_TRACE })).traces.length;
  if (found !== EVENTS_PER_TRACE) throw new Error(`${found} were found`);
  if (warm === undefined) await store.close();
}
