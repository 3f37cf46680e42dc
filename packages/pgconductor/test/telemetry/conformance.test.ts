import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type JobAdapterUnderTest,
  type JobProcessor,
  type JobSettlement,
  type SentJob,
  testJobAdapter,
} from '@throughline/conformance';
import type { Telemetry } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import { beforeEach, test, vi } from 'vitest';
import { Conductor, Orchestrator } from '../../src/index.ts';
import { onPostgres, type TestPostgres } from '../on-postgres.ts';

/** Name and attempts of a job of the suite are those of a task here: each has one. */

/** @param schemas in which nothing is left to do, for those who come later */
function openedOn(
  use: TestPostgres,
  schemas: string[],
  telemetry: Telemetry | undefined,
): JobAdapterUnderTest {
  const schema = schemas.pop() ?? use.freshSchema();
  const { sql } = use;
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const conductor = Conductor.create({ sql: use.pool, schema, telemetry, logger });
  const orchestrators: Orchestrator[] = [];
  let wanted: Record<string, number> = {};
  const running = (processor: JobProcessor, name: string, maxAttempts: number) =>
    conductor.createTask(
      { name, maxAttempts, backoff: { type: 'fixed', delayMs: 0 } },
      { invocable: true },
      async (event, { executionId }) => processor({ id: executionId, data: event.payload as never }),
    );
  let process: JobProcessor | undefined;
  const startWith = async (job: SentJob): Promise<void> => {
    if (process === undefined || wanted[job.name] === job.attempts) return;
    wanted = { ...wanted, [job.name]: job.attempts };
    const orchestrator = Orchestrator.create({
      conductor,
      tasks: [running(process, job.name, job.attempts)],
      concurrency: 20,
      pollMs: 10,
    });
    orchestrators.push(orchestrator);
    await orchestrator.start();
  };
  return {
    async send(job) {
      await startWith(job);
      return String(await conductor.invoke({ name: job.name }, job.data as object));
    },
    async sendBare(job, carrier) {
      await conductor.migrate();
      await startWith(job);
      const request = { task: job.name, items: [{ payload: job.data, trace: stored(carrier) }] };
      const [row] = await sql`select ${sql(schema)}.enqueue(${JSON.stringify(request)}::text::json) as ids`;
      return String(JSON.parse(row?.['ids'])[0]);
    },
    sendRefused: () => conductor.invoke({ name: 'welcome' }, 5n as never),
    async process(processor) {
      process = processor;
    },
    async settled(id): Promise<JobSettlement> {
      const read = async () => (await sql`select * from ${sql(schema)}.history where id = ${id}`)[0];
      await waitFor(async () => (await read()) !== undefined, { what: `the end of execution ${id}` });
      const row = await read();
      return row?.['outcome'] === 'completed' ? { result: row['result'] } : { error: row?.['error'].message };
    },
    async close() {
      await Promise.all(orchestrators.map((each) => each.stop({ graceMs: 0 })));
      await conductor.close();
      await conductor.migrate();
      const left =
        await sql`select id::text from ${sql(schema)}.execution union all select id from ${sql(schema)}.worker`;
      if (left.length === 0) schemas.push(schema);
    },
  };
}

/** The column takes JSON only: other text is there as a string. */
function stored(carrier: string | undefined): unknown {
  try {
    return carrier === undefined ? undefined : JSON.parse(carrier);
  } catch {
    return carrier;
  }
}

beforeEach(() => {
  vi.spyOn(console, 'warn').mockReturnValue();
});

onPostgres('pgconductor as a job adapter', (use) => {
  const schemas: string[] = [];
  testJobAdapter({
    test,
    open: (telemetry) => openedOn(use, schemas, telemetry),
    ambient: () => new AsyncLocalStorage(),
    deadlineMs: 25_000,
  });
});
