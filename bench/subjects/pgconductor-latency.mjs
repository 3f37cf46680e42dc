import { Conductor, Orchestrator } from '@throughline/pgconductor';
import postgres from 'postgres';
import { postgresLatency } from './postgres-latency.mjs';

const POLL_MS = 100;
const polls = new URL(import.meta.url).searchParams.has('polling');

/** Polling: as for rows that come from other languages without a word to the workers. */
export default postgresLatency(async (connectionString, started) => {
  const conductor = Conductor.create({ connectionString });
  const job = conductor.createTask({ name: 'job' }, { invocable: true }, async ({ payload }) => {
    started(/** @type {{ index: number }} */ (payload).index);
  });
  const pollMs = polls ? POLL_MS : undefined;
  const orchestrator = Orchestrator.create({ conductor, tasks: [job], pollMs });
  await orchestrator.start();
  const sql = postgres(connectionString);
  const addInSilence = async (/** @type {number} */ index) => {
    const request = JSON.stringify({ task: 'job', items: [{ payload: { index } }] });
    await sql`select pgconductor.invoke(${request}::text::json)`;
  };
  return {
    add: polls ? addInSilence : (index) => conductor.invoke({ name: 'job' }, { index }),
    async close() {
      await orchestrator.stop();
      await conductor.close();
      await sql.end();
    },
  };
});
