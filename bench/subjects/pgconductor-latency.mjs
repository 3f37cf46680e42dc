import { Conductor, Orchestrator } from '@throughline/pgconductor';
import postgres from 'postgres';
import { postgresLatency } from './postgres-latency.mjs';

const inSql = new URL(import.meta.url).searchParams.has('sql');

export default postgresLatency(async (connectionString, started) => {
  const conductor = Conductor.create({ connectionString });
  const job = conductor.createTask({ name: 'job' }, { invocable: true }, async ({ payload }) => {
    started(/** @type {{ index: number }} */ (payload).index);
  });
  const orchestrator = Orchestrator.create({ conductor, tasks: [job] });
  await orchestrator.start();
  const sql = postgres(connectionString);
  const addInSql = async (/** @type {number} */ index) => {
    const request = JSON.stringify({ task: 'job', items: [{ payload: { index } }] });
    await sql`select pgconductor.invoke(${request}::text::json)`;
  };
  return {
    add: inSql ? addInSql : (index) => conductor.invoke({ name: 'job' }, { index }),
    async close() {
      await orchestrator.stop();
      await conductor.close();
      await sql.end();
    },
  };
});
