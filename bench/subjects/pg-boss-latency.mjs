import { PgBoss } from 'pg-boss';
import { postgresLatency } from './postgres-latency.mjs';

/** Woken by NOTIFY. */
export default postgresLatency(async (connectionString, started) => {
  const boss = new PgBoss({ connectionString, supervise: false, schedule: false, useListenNotify: true });
  await boss.start();
  await boss.createQueue('jobs', { notify: true });
  await boss.work('jobs', { batchSize: 10 }, async (jobs) => {
    for (const { data } of jobs) started(/** @type {{ index: number }} */ (data).index);
  });
  return {
    add: (index) => boss.send('jobs', { index }),
    close: () => boss.stop({ graceful: false }),
  };
});
