import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { traceEvents } from './trace-events.mjs';

const BURST = 2_000;
const WARM_UP_BURSTS = 50;
const MEASURED_BURSTS = 200;

/**
 * A subject that hands fresh events, burst after burst, to something that keeps them.
 *
 * @param {(event: import('@throughline/core/events').TraceEvent) => unknown} emit what the caller waits for
 * @param {() => unknown} flush what follows each burst
 * @returns {import('../harness/subject.mjs').Subject}
 */
export function emitting(emit, flush) {
  /** @type {number[]} */
  let micros = [];
  /** @type {number[]} */
  let bytes = [];

  /** @param {number} bursts */
  async function emitBursts(bursts) {
    micros = [];
    bytes = [];
    for (let burst = 0; burst < bursts; burst += 1) {
      const events = traceEvents(BURST, burst * 7_919).map(({ event_id, source, seq, ...event }) => event);
      const heapBefore = process.memoryUsage().heapUsed;
      const before = performance.now();
      for (const event of events) emit(event);
      micros.push(((performance.now() - before) * 1000) / BURST);
      bytes.push((process.memoryUsage().heapUsed - heapBefore) / BURST);
      await flush();
    }
    return bursts * BURST;
  }

  return {
    warmUp: () => emitBursts(WARM_UP_BURSTS),
    run: () => emitBursts(MEASURED_BURSTS),
    facts: () => ({
      'µs in the caller': quantileOf(micros, 0.5),
      'µs, undisturbed': quantileOf(micros, 0.1),
      'bytes allocated': quantileOf(bytes, 0.5),
    }),
  };
}

/** @param {readonly number[]} values @param {number} share */
function quantileOf(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}
