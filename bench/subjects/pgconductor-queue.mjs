import { Conductor, Orchestrator } from '@throughline/pgconductor';
import postgres from 'postgres';
import { countedHandlers } from './postgres-handlers.mjs';

const BATCH = 1_000;

/**
 * pgconductor at its defaults: batches of 500, half of what its peers have, ten at once. It keeps what is done, as rows of
 * its history.
 *
 * @param {string} url
 * @param {object} [setting]
 * @param {object} [setting.options] further options of the conductor
 * @param {(event: any, ctx: any) => Promise<unknown>} [setting.work] what an execution does; nothing unless it is given
 * @param {number} [setting.concurrency]
 * @returns {Promise<import('./postgres-drain.mjs').Queue>}
 */
export async function pgconductorQueue(url, { options, work = async () => {}, concurrency = 10 } = {}) {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const conductor = Conductor.create({ connectionString: url, ...options });
  let enqueued = 0;
  const unsettled = async () => {
    const [row] = await sql`select count(*)::int from pgconductor.history where outcome = 'completed'`;
    return enqueued - row?.count;
  };

  return {
    unsettled,
    async enqueue(count) {
      for (let added = 0; added < count; added += BATCH) {
        const size = Math.min(BATCH, count - added);
        await conductor.invoke(
          { name: 'job' },
          Array.from({ length: size }, (_, index) => ({ payload: { index } })),
        );
      }
      enqueued += count;
    },
    async drain(count, clock) {
      const handlers = countedHandlers(count, clock);
      const job = conductor.createTask({ name: 'job' }, { invocable: true }, (event, context) => {
        handlers.started();
        return work(event, context);
      });
      const orchestrator = Orchestrator.create({ conductor, tasks: [job], concurrency });
      await orchestrator.start();
      await handlers.settled(unsettled);
      await orchestrator.stop();
    },
    async close() {
      await conductor.close();
      await sql.end();
    },
  };
}
