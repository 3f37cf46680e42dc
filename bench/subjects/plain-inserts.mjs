import postgres from 'postgres';
import { postgresDrain } from './postgres-drain.mjs';

const settings = new URL(import.meta.url).searchParams;
const concurrency = Number(settings.get('concurrency'));

/**
 * No queue at all: as many connections as jobs are to run at once, each of which inserts a row twice per job, one after the
 * other. What any engine pays for two steps per job that are each stored before they return, where nothing but the rows is
 * written and nobody groups them.
 *
 * @param {string} url
 * @returns {Promise<import('./postgres-drain.mjs').Queue>}
 */
async function plainInserts(url) {
  const sql = postgres(url, { max: concurrency, onnotice: () => {} });
  await sql`create table step (job integer, name text, value json, primary key (job, name))`;
  let enqueued = 0;
  let next = 0;

  async function work() {
    while (next < enqueued) {
      const job = next;
      next += 1;
      for (const name of ['first', 'second']) await sql`insert into step values (${job}, ${name}, '1')`;
    }
  }
  return {
    async enqueue(count) {
      enqueued += count;
    },
    async drain(_count, clock) {
      clock.begin();
      await Promise.all(Array.from({ length: concurrency }, work));
      clock.end();
    },
    async unsettled() {
      const [row] = await sql`select count(*)::int from step`;
      return 2 * enqueued - row?.count;
    },
    close: () => sql.end(),
  };
}

export default postgresDrain(plainInserts, settings);
