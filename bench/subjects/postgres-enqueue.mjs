import { freshDatabase } from './postgres-database.mjs';

const WARM_UP = 3_000;
const MEASURED = 20_000;

/**
 * A subject that measures how long a queue on Postgres takes to store 20,000 jobs through its own bulk call, one batch
 * after the other.
 *
 * @param {(url: string) => Promise<import('./postgres-drain.mjs').Queue>} open
 * @returns {import('../harness/subject.mjs').Subject}
 */
export function postgresEnqueue(open) {
  /** @type {Awaited<ReturnType<typeof freshDatabase>>} */
  let database;
  /** @type {import('./postgres-drain.mjs').Queue} */
  let queue;
  return {
    async prepare() {
      database = await freshDatabase();
      queue = await open(database.url);
    },
    warmUp: () => queue.enqueue(WARM_UP),
    async run() {
      await queue.enqueue(MEASURED);
      return MEASURED;
    },
    async end() {
      const stored = await queue.unsettled();
      if (stored !== WARM_UP + MEASURED) throw new Error(`${stored} jobs are stored`);
      await queue.close();
      await database.drop();
    },
  };
}
