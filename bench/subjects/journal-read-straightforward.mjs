// The same questions to a file of JSON lines, with JSON.parse for every line. `?what=` trace or list.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { matchesTraceQuery, summarizeTrace } from '@throughline/core/events';
import { EVENTS_PER_TRACE, emptyFolder, TRACES, traceIdOf, writeLines } from './journal-folder.mjs';

const kind = new URL(import.meta.url).searchParams.get('what');
const ROUNDS = 4;
const { folder, remove } = emptyFolder();
const file = join(folder, 'events.ndjson');

/** @type {import('../harness/subject.mjs').Subject} */
export default {
  prepare: () => writeLines(file),
  warmUp: readAll,
  run: readAll,
  end: remove,
};

async function readAll() {
  for (let round = 0; round < ROUNDS; round += 1) {
    const events = await parseAll();
    const found = kind === 'trace' ? traceOf(events, round) : newest(events);
    if (found.length !== EVENTS_PER_TRACE) throw new Error(`${found.length} were found`);
  }
  return ROUNDS;
}

/** @returns {Promise<import('@throughline/core/events').TraceEvent[]>} */
async function parseAll() {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** @param {Awaited<ReturnType<typeof parseAll>>} events @param {number} round */
function traceOf(events, round) {
  const wanted = traceIdOf((round * 37) % TRACES);
  return events.filter(({ trace_id }) => trace_id === wanted);
}

/** @param {Awaited<ReturnType<typeof parseAll>>} events */
function newest(events) {
  /** @type {Map<string, typeof events>} */
  const traces = new Map();
  for (const event of events) {
    const own = traces.get(event.trace_id);
    if (own === undefined) traces.set(event.trace_id, [event]);
    else own.push(event);
  }
  return Array.from(traces, ([traceId, own]) => ({ summary: summarizeTrace(traceId, own), own }))
    .filter(({ summary, own }) => matchesTraceQuery(summary, own, { queue: 'mail' }))
    .sort((a, b) => b.summary.startedAt - a.summary.startedAt)
    .slice(0, EVENTS_PER_TRACE);
}
