import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import postgres from 'postgres';
import { countedHandlers } from './postgres-handlers.mjs';

const BATCH = 1_000;
const silent = new Logger(() => () => {});

/**
 * graphile-worker at its fastest: jobs fetched by the thousand into its local queue, completed in batches without delay,
 * ten at once (a hundred are no faster). It deletes what is done.
 *
 * @param {string} url
 * @returns {Promise<import('./postgres-drain.mjs').Queue>}
 */
export async function graphileWorkerQueue(url) {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const utils = await makeWorkerUtils({ connectionString: url, logger: silent });
  await utils.migrate();
  const unsettled = async () => {
    const [row] = await sql`select count(*)::int from graphile_worker._private_jobs`;
    return row?.count;
  };

  return {
    unsettled,
    async enqueue(count) {
      for (let added = 0; added < count; added += BATCH) {
        const size = Math.min(BATCH, count - added);
        await utils.addJobs(
          Array.from({ length: size }, (_, index) => ({ identifier: 'job', payload: { index } })),
        );
      }
    },
    async drain(count, clock) {
      const handlers = countedHandlers(count, clock);
      const runner = await run({
        preset: { worker: { localQueue: { size: BATCH }, completeJobBatchDelay: 0 } },
        connectionString: url,
        concurrency: 10,
        logger: silent,
        noHandleSignals: true,
        taskList: { job: async () => handlers.started() },
      });
      await handlers.settled(unsettled);
      await runner.stop();
    },
    async close() {
      await utils.release();
      await sql.end();
    },
  };
}
