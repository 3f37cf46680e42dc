import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { EventWriter } from '@throughline/core/events';
import { traceEvents } from './trace-events.mjs';

const BURST = 2_000;
const WARM_UP_BURSTS = 50;
const MEASURED_BURSTS = 200;

/** A store that takes everything at once and keeps nothing: what is measured is the writer. */
const discard = {
  capabilities: { listTraces: /** @type {const} */ (false), tail: /** @type {const} */ (false) },
  /** @param {readonly unknown[]} events */
  append: async (events) => ({ stored: events.length, duplicates: 0, rejected: [] }),
  getTrace: async () => [],
  listTraces: async () => ({ traces: [] }),
  async *tail() {},
  close: async () => {},
};

const writer = new EventWriter(discard);
/** @type {number[]} */
const emitMicros = [];
/** @type {number[]} */
const emitBytes = [];

/** @type {import('../harness/subject.mjs').Subject} */
export default {
  warmUp: () => emitBursts(WARM_UP_BURSTS),
  async run() {
    emitMicros.length = 0;
    emitBytes.length = 0;
    return emitBursts(MEASURED_BURSTS);
  },
  facts: () => ({ 'µs in the caller': medianOf(emitMicros), 'bytes allocated': medianOf(emitBytes) }),
  end: () => writer.close(),
};

/** @param {number} bursts */
async function emitBursts(bursts) {
  for (let burst = 0; burst < bursts; burst += 1) {
    const events = traceEvents(BURST, burst * 7_919).map(({ event_id, source, seq, ...event }) => event);
    const heapBefore = process.memoryUsage().heapUsed;
    const before = performance.now();
    for (const event of events) writer.emit(event);
    emitMicros.push(((performance.now() - before) * 1000) / BURST);
    emitBytes.push((process.memoryUsage().heapUsed - heapBefore) / BURST);
    await writer.flush();
  }
  return bursts * BURST;
}

/** @param {readonly number[]} values */
function medianOf(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
