import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { postgresLatency } from './postgres-latency.mjs';

const silent = new Logger(() => () => {});

/** Woken by NOTIFY, jobs fetched one by one: its local queue would only add to the way. */
export default postgresLatency(async (connectionString, started) => {
  const utils = await makeWorkerUtils({ connectionString, logger: silent });
  await utils.migrate();
  const runner = await run({
    connectionString,
    concurrency: 10,
    logger: silent,
    noHandleSignals: true,
    taskList: { job: async (payload) => started(/** @type {{ index: number }} */ (payload).index) },
  });
  return {
    add: (index) => utils.addJob('job', { index }),
    async close() {
      await runner.stop();
      await utils.release();
    },
  };
});
