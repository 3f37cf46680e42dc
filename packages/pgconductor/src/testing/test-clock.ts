import { demandOption, demandOptions, OptionInvalidError } from '@throughline/core';
import { coreOf } from '../conductor/conductor-core.ts';
import { quoteLiteral } from '../database/identifiers.ts';
import type { SqlPool } from '../database/sql-client.ts';
import { isWhole } from '../options/option-checks.ts';

/** How {@link createTestClock} begins. */
export interface TestClockOptions {
  /** What it shows. @default the time of the database */
  readonly now?: Date | undefined;
}

/** A `Conductor`, as far as the compiler has to know it here. */
export interface TestedConductor {
  cancel(executionId: string): Promise<boolean>;
  close(): Promise<void>;
}

/** The clock of a schema, which stands still until it is told. */
export interface TestClock {
  /** What it shows. */
  readonly now: Date;
  /** Puts it to a moment, earlier ones too. */
  set(moment: Date): Promise<void>;
  /** Puts it forward; whole milliseconds from 0. What becomes due may run then. */
  advance(milliseconds: number): Promise<void>;
  /** Gives the schema its own clock back. May be called again. */
  restore(): Promise<void>;
}

const latest = 9e12;

/**
 * Stops the clock by which a conductor's schema tells what is due, so that a test reaches tomorrow without waiting.
 *
 * Every process that works in that schema goes by it, so give each test a schema of its own, and none of it to an
 * application that is in use. Leases go by it as well: put it forward while a handler runs, and another worker may take the
 * execution over. Timeouts of handlers and pauses between looks go by the clock of the process, as ever.
 *
 * @param conductor its schema is brought up to date first
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 * @example
 * ```ts
 * import { Conductor, Orchestrator } from '@throughline/pgconductor';
 * import { createTestClock } from '@throughline/pgconductor/testing';
 *
 * const conductor = Conductor.create({ connectionString: 'postgres://localhost/test', schema: 'my_test' });
 * const remind = conductor.createTask({ name: 'remind' }, { invocable: true }, async () => {});
 * const orchestrator = Orchestrator.create({ conductor, tasks: [remind] });
 * const clock = await createTestClock(conductor, { now: new Date('2026-03-01T12:00:00Z') });
 *
 * await conductor.invoke({ name: 'remind' }, undefined, { delayMs: 86_400_000 });
 * await orchestrator.drain(); // nothing is due
 * await clock.advance(86_400_000);
 * await orchestrator.drain(); // the reminder runs
 * ```
 */
export async function createTestClock(
  conductor: TestedConductor,
  options: TestClockOptions = {},
): Promise<TestClock> {
  const core = coreOf(conductor);
  if (core === undefined)
    throw new OptionInvalidError('createTestClock.conductor', conductor, 'what Conductor.create gave');
  demandOptions('createTestClock', options, { now: true });
  if (options.now !== undefined) demandMoment('createTestClock.now', options.now);
  await core.schema.ready();
  const { sql, schema } = core.database;
  return new StandingClock(sql, schema, await stop(sql, schema, options.now));
}

/** What the clock was is kept beside it, so that a test which died does not leave the schema without one. */
async function stop(sql: SqlPool, schema: string, now: Date | undefined): Promise<Date> {
  const clock = quoteLiteral(`${schema}.clock()`);
  await sql.unsafe(
    `create table if not exists ${schema}.test_clock (now timestamptz not null, original text not null)`,
  );
  await sql.unsafe(`insert into ${schema}.test_clock (now, original)
    select ${schema}.clock(), pg_get_functiondef(${clock}::regprocedure)
    where not exists (select from ${schema}.test_clock)`);
  await sql.unsafe(`create or replace function ${schema}.clock() returns timestamptz language sql volatile as
    ${quoteLiteral(`select now from ${schema}.test_clock`)}`);
  return put(sql, schema, now === undefined ? 'now' : '$1::text::timestamptz', now && [now.toISOString()]);
}

async function put(sql: SqlPool, schema: string, moment: string, parameters?: string[]): Promise<Date> {
  const text = `update ${schema}.test_clock set now = ${moment} returning ${schema}.epoch_ms(now)::text as now`;
  const [row] = await sql.unsafe(text, parameters);
  return new Date(Number(row?.now));
}

function demandMoment(path: string, moment: unknown): void {
  const isMoment = moment instanceof Date && Math.abs(moment.getTime()) <= latest;
  demandOption(isMoment, path, moment, 'a valid Date before the year 2255');
}

class StandingClock implements TestClock {
  readonly #sql: SqlPool;
  readonly #schema: string;
  #now: Date;

  constructor(sql: SqlPool, schema: string, now: Date) {
    this.#sql = sql;
    this.#schema = schema;
    this.#now = now;
  }

  get now(): Date {
    return new Date(this.#now);
  }

  async set(moment: Date): Promise<void> {
    demandMoment('set.moment', moment);
    this.#now = await put(this.#sql, this.#schema, '$1::text::timestamptz', [moment.toISOString()]);
  }

  async advance(milliseconds: number): Promise<void> {
    demandOption(
      isWhole(milliseconds, 0, latest),
      'advance.milliseconds',
      milliseconds,
      'whole milliseconds from 0',
    );
    const later = `now + $1::text::double precision * interval '1 millisecond'`;
    this.#now = await put(this.#sql, this.#schema, later, [String(milliseconds)]);
  }

  async restore(): Promise<void> {
    const [table] = await this.#sql.unsafe(`select to_regclass($1) is not null as stands`, [
      `${this.#schema}.test_clock`,
    ]);
    if (table?.stands !== true) return;
    const [row] = await this.#sql.unsafe(`select original from ${this.#schema}.test_clock`);
    await this.#sql.unsafe(String(row?.original));
    await this.#sql.unsafe(`drop table ${this.#schema}.test_clock`);
  }
}
