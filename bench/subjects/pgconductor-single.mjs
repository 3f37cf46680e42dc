import { Conductor } from '@throughline/pgconductor';
import postgres from 'postgres';
import { freshDatabase } from './postgres-database.mjs';

const WARM_UP = 500;
const MEASURED = 4_000;
const LANES = 8;

/** `notify=silent`: no wake-up at all; `nobody`: no worker waits; `idle`: one listens, and does nothing. */
const notify = new URL(import.meta.url).searchParams.get('notify');

/** @type {Awaited<ReturnType<typeof freshDatabase>>} */
let database;
/** @type {Conductor} */
let conductor;
/** @type {import('postgres').Sql} */
let sql;

/** @param {number} index */
const addInSilence = (index) =>
  sql`select pgconductor.invoke(${JSON.stringify({ task: 'job', items: [{ payload: { index } }] })}::text::json)`;
/** @param {number} index */
const add = (index) =>
  notify === 'silent' ? addInSilence(index) : conductor.invoke({ name: 'job' }, { index });

/** @param {number} count */
async function addAll(count) {
  let added = 0;
  const lane = async () => {
    while (added < count) {
      added += 1;
      await add(added);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return count;
}

/** @type {import('../harness/subject.mjs').Subject} */
export default {
  async prepare() {
    database = await freshDatabase();
    sql = postgres(database.url, { max: 10 });
    conductor = Conductor.create({ connectionString: database.url });
    await conductor.invoke({ name: 'job' }, { index: 0 });
    if (notify !== 'idle') return;
    const [row] = await sql`select pgconductor.channel() channel`;
    await sql.listen(row?.channel, () => {});
    await sql`insert into pgconductor.idle_worker (queue, worker) values ('default', 'w')`;
  },
  warmUp: () => addAll(WARM_UP),
  run: () => addAll(MEASURED),
  async end() {
    await conductor.close();
    await sql.end();
    await database.drop();
  },
};
