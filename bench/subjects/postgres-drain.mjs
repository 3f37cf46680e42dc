import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { serverCpu } from './postgres-cpu.mjs';
import { freshDatabase } from './postgres-database.mjs';

const WARM_UP = 3_000;
const MEASURED = 20_000;

/**
 * A queue on Postgres at its best setting, whose jobs do nothing.
 *
 * @typedef {object} Queue
 * @property {(count: number) => Promise<unknown>} enqueue as many jobs, through its own bulk call
 * @property {(count: number, clock: Clock) => Promise<unknown>} drain runs and settles as many jobs
 * @property {() => Promise<number>} unsettled jobs that the database does not show as done
 * @property {() => Promise<unknown>} close
 */

/** What a queue calls when its work begins and when all of it is settled. @typedef {{ begin(): void, end(): void }} Clock */

/**
 * A subject that measures how long a queue takes to run and settle jobs that are there already. Its settings: `count`,
 * 20,000 unless told otherwise, and `statistics`: what the planner knows of the tables, `full` unless it is to be `none`
 * or that of `empty` ones.
 *
 * @param {(url: string) => Promise<Queue>} open
 * @param {URLSearchParams} settings
 * @returns {import('../harness/subject.mjs').Subject}
 */
export function postgresDrain(open, settings) {
  const measured = Number(settings.get('count') ?? MEASURED);
  const statistics = settings.get('statistics') ?? 'full';
  /** @type {Awaited<ReturnType<typeof freshDatabase>>} */
  let database;
  /** @type {Queue} */
  let queue;
  /** @type {Record<string, number>} */
  let facts = {};
  const unmeasured = { begin() {}, end() {} };

  const fill = async (/** @type {number} */ count) => {
    if (statistics === 'empty') await database.sql`analyze`;
    await queue.enqueue(count);
    if (statistics === 'full') await database.sql`analyze`;
    globalThis.gc?.();
  };
  return {
    async prepare() {
      database = await freshDatabase();
      queue = await open(database.url);
    },
    async warmUp() {
      await fill(WARM_UP);
      await queue.drain(WARM_UP, unmeasured);
      await assertSettled(queue);
      await fill(measured);
    },
    async run() {
      const meter = await startMeter(database.sql);
      await queue.drain(measured, meter);
      await assertSettled(queue);
      const taken = meter.read();
      facts = { 'server CPU µs': taken.server / measured, 'heap bytes': taken.heap / measured };
      return { units: measured, micros: taken.wall, cpuMicros: taken.cpu };
    },
    facts: () => facts,
    async end() {
      await queue.close();
      await database.drop();
    },
  };
}

/** @param {Queue} queue */
async function assertSettled(queue) {
  const left = await queue.unsettled();
  if (left !== 0) throw new Error(`${left} jobs are not settled`);
}

/** @param {import('postgres').Sql} sql */
async function startMeter(sql) {
  const [row] = await sql`select pg_backend_pid() pid`;
  const server = serverCpu(row?.pid);
  const heapBefore = process.memoryUsage().heapUsed;
  let cpu = process.cpuUsage();
  const taken = { wall: 0, cpu: 0, server: 0 };
  return {
    begin() {
      taken.server = -server();
      cpu = process.cpuUsage();
      taken.wall = -performance.now();
    },
    end() {
      taken.wall += performance.now();
      const { user, system } = process.cpuUsage(cpu);
      taken.cpu = user + system;
      taken.server += server();
    },
    read() {
      globalThis.gc?.();
      const heap = process.memoryUsage().heapUsed - heapBefore;
      return { ...taken, wall: taken.wall * 1000, heap };
    },
  };
}
