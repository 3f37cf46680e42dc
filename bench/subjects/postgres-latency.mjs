import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { freshDatabase } from './postgres-database.mjs';

const WARM_UP = 100;
const MEASURED = 500;
const MEAN_PAUSE_MS = 20;
const DEADLINE_MS = 10_000;

/**
 * A queue on Postgres with a worker that waits.
 *
 * @typedef {object} WaitingQueue
 * @property {(index: number) => Promise<unknown>} add one job with this payload
 * @property {() => Promise<unknown>} close
 */

/**
 * A subject that adds single jobs at irregular times, about 50 in a second, and measures the time from before each call
 * to the start of its handler, in the same process.
 *
 * @param {(url: string, started: (index: number) => void) => Promise<WaitingQueue>} open calls `started` in its handler
 * @returns {import('../harness/subject.mjs').Subject}
 */
export function postgresLatency(open) {
  /** @type {Awaited<ReturnType<typeof freshDatabase>>} */
  let database;
  /** @type {WaitingQueue} */
  let queue;
  /** @type {number[]} */
  let added = [];
  /** @type {number[]} */
  let took = [];
  const started = (/** @type {number} */ index) => {
    took.push(performance.now() - (added[index] ?? Number.NaN));
  };
  const add = async (/** @type {number} */ count) => {
    added = [];
    took = [];
    const calls = [];
    for (let index = 0; index < count; index += 1) {
      added.push(performance.now());
      calls.push(queue.add(index));
      await delay(randomInt(2 * MEAN_PAUSE_MS + 1));
    }
    await Promise.all(calls);
    const deadline = performance.now() + DEADLINE_MS;
    while (took.length < count) {
      if (performance.now() > deadline) throw new Error(`${took.length} of ${count} jobs were started`);
      await delay(10);
    }
    return count;
  };
  return {
    async prepare() {
      database = await freshDatabase();
      queue = await open(database.url, started);
    },
    warmUp: () => add(WARM_UP),
    run: () => add(MEASURED),
    facts: () => ({ 'p50 ms': percentile(took, 50), 'p99 ms': percentile(took, 99) }),
    async end() {
      await queue.close();
      await database.drop();
    },
  };
}

/** @param {readonly number[]} values @param {number} percent */
function percentile(values, percent) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN;
}
