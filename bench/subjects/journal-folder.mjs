// What the subjects of the journal share: traces as an EventWriter hands them over, and a folder for each process.
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeTraceEvent } from '@throughline/core/events';
import { openJournalStore } from '@throughline/journal-store';
import { traceEvents } from './trace-events.mjs';

export const EVENTS_PER_TRACE = 20;
/** 100,000 events. */
export const TRACES = 5_000;

/** @param {number} index @returns {import('@throughline/core/events').TraceEvent[]} encoded, as a writer's are */
export function traceOf(index) {
  return traceEvents(EVENTS_PER_TRACE, index * 1_000_003).map(
    (event) => encodeTraceEvent(event).event ?? event,
  );
}

/** @param {number} index */
export function traceIdOf(index) {
  return traceEvents(2, index * 1_000_003)[0]?.trace_id ?? '';
}

/** An empty folder, and what removes it. */
export function emptyFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A journal of 100,000 events. @param {string} directory */
export async function writeJournal(directory) {
  const store = await openJournalStore({ directory, sync: 'none' });
  for (let index = 0; index < TRACES; index += 1) await store.append(traceOf(index));
  await store.close();
}

/** The same events as lines of JSON in one file. @param {string} file */
export function writeLines(file) {
  for (let index = 0; index < TRACES; index += 1) {
    appendFileSync(
      file,
      traceOf(index)
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(''),
    );
  }
}

/** @param {string} directory */
export function deleteIndexes(directory) {
  for (const name of readdirSync(directory)) {
    if (/\.(lines|facts)$/.test(name)) rmSync(join(directory, name));
  }
}
