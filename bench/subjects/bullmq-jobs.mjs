import { randomBytes } from 'node:crypto';
import process from 'node:process';

const WARM_UP = 5_000;
const MEASURED = 15_000;
const CONCURRENCY = 50;

/**
 * What a variant brings: BullMQ's classes or ours, and what to add to their options.
 *
 * @typedef {object} Variant
 * @property {any} Queue
 * @property {any} Worker
 * @property {object} [options]
 * @property {() => Promise<unknown>} [end]
 */

/**
 * A subject that adds jobs, 50 at a time, and then processes them, 50 at a time, each phase whole before the next.
 *
 * @param {Variant} variant
 * @returns {import('../harness/subject.mjs').Subject}
 */
export function bullmqJobs({ Queue, Worker, options = {}, end }) {
  const connection = { url: process.env.REDIS_URL };
  const shared = { connection, prefix: `bench-${randomBytes(6).toString('hex')}`, ...options };
  const queue = new Queue('jobs', shared);

  /** @param {number} count */
  const addAndProcess = async (count) => {
    await addAll(queue, count);
    await processAll(Worker, shared, count);
    return count;
  };
  return {
    prepare: () => queue.waitUntilReady(),
    warmUp: () => addAndProcess(WARM_UP),
    run: () => addAndProcess(MEASURED),
    async end() {
      await queue.obliterate({ force: true });
      await queue.close();
      await end?.();
    },
  };
}

/** @param {any} queue @param {number} count */
async function addAll(queue, count) {
  let added = 0;
  const lane = async () => {
    while (added < count) {
      added += 1;
      await queue.add('job', { index: added }, { removeOnComplete: true });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}

/** @param {any} Worker @param {object} options @param {number} count */
async function processAll(Worker, options, count) {
  let settled = 0;
  /** @type {() => void} */
  let allSettled = () => {};
  const done = new Promise((resolve) => {
    allSettled = () => resolve(undefined);
  });
  const worker = new Worker('jobs', async () => {}, { ...options, concurrency: CONCURRENCY });
  worker.on('completed', () => {
    settled += 1;
    if (settled === count) allSettled();
  });
  await done;
  await worker.close();
}
