// What one writes in an afternoon: JSON lines, appendFile, fdatasync. Nothing tells a torn line, or a duplicate.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENTS_PER_TRACE, emptyFolder, traceOf } from './journal-folder.mjs';

const together = Number(new URL(import.meta.url).searchParams.get('together') ?? 1);
const traces = Array.from({ length: together * 200 }, (_, index) => traceOf(index));
const warmUps = Array.from({ length: together * 100 }, (_, index) => traceOf(index + traces.length));
const { folder, remove } = emptyFolder();
const file = await open(join(folder, 'events.ndjson'), 'a');

/** @type {import('../harness/subject.mjs').Subject} */
export default {
  warmUp: () => append(warmUps),
  run: () => append(traces),
  async end() {
    await file.close();
    remove();
  },
};

/** @param {typeof traces} list */
async function append(list) {
  for (let first = 0; first < list.length; first += together) {
    const events = list.slice(first, first + together).flat();
    await file.appendFile(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    await file.datasync();
  }
  return list.length * EVENTS_PER_TRACE;
}
