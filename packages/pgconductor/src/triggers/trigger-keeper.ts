import type { ConductorCore } from '../conductor/conductor-core.ts';
import type { OutageReport } from '../conductor/outage-report.ts';
import { query } from '../database/query.ts';
import type { Repeating } from '../schedule/repeating.ts';
import type { Task } from '../task/create-task.ts';
import { triggerError } from '../task/trigger-invalid-error.ts';
import { CronTicks } from './cron-ticks.ts';
import { installRowTriggers } from './row-change-triggers.ts';
import { triggerRows } from './trigger-row.ts';

/** What a {@link TriggerKeeper} needs. */
export interface TriggerKeeperOptions {
  readonly core: ConductorCore;
  /** Id of the worker. */
  readonly worker: string;
  readonly tasks: readonly Task[];
  readonly report: OutageReport;
  /** Registers the worker anew, triggers included. */
  registerAnew(): Promise<void>;
}

interface TriggerFailure {
  readonly task: string | null;
  readonly trigger: string | null;
  readonly count: number;
  readonly message: string;
}

const sweepMs = 1_000;
const arrangeMs = 5_000;

/** Keeps the triggers of a worker's tasks: tells the database of them, takes ticks, and looks after what all workers share. */
export class TriggerKeeper {
  readonly #options: TriggerKeeperOptions;
  readonly #ticks: Repeating;
  /** Run while the worker is registered. */
  readonly loops: readonly Repeating[];

  constructor(options: TriggerKeeperOptions) {
    this.#options = options;
    const ticks = new CronTicks(options.core);
    this.#ticks = this.#repeating('could not look for schedules that are due', () => ticks.take());
    const sweep = this.#repeating('could not sweep for events', () => this.#sweep());
    const arrange = this.#repeating('could not look after triggers', () => this.#arrange());
    this.loops = [this.#ticks, sweep, arrange];
  }

  /**
   * Tells the database of the triggers. Those on tables are there when it resolves, but for tables that others keep locked:
   * those follow.
   *
   * @throws TriggerInvalidError `THROUGHLINE_PGCONDUCTOR_TRIGGER_INVALID`
   */
  async register(): Promise<void> {
    const { core, worker, tasks } = this.#options;
    const request = {
      worker,
      tasks: tasks.map(({ name }) => name),
      triggers: tasks.flatMap(triggerRows),
    };
    try {
      await query(core.database.sql, core.queries.registerTriggers, [JSON.stringify(request)]);
      await this.#install();
    } catch (error) {
      await query(core.database.sql, core.queries.leave, [JSON.stringify({ worker })]).catch(() => {});
      throw triggerError(error);
    }
  }

  /** Looks at once for schedules that are due. */
  soon(): void {
    this.#ticks.soon();
  }

  #repeating(problem: string, work: () => Promise<number>): Repeating {
    return this.#options.report.repeating(problem, sweepMs, work);
  }

  async #sweep(): Promise<number> {
    const { database, queries } = this.#options.core;
    await query(database.sql, queries.sweepEvents, []);
    return sweepMs;
  }

  async #arrange(): Promise<number> {
    const { core, worker, registerAnew } = this.#options;
    const { sql } = core.database;
    const { answer: isKnown } = await query<{ answer: boolean }>(sql, core.queries.knowsWorker, [worker]);
    if (!isKnown) await registerAnew();
    await query(sql, core.queries.arrangeTriggers, []);
    await this.#tellFailures();
    await this.#install();
    return arrangeMs;
  }

  async #install(): Promise<void> {
    const { core } = this.#options;
    const locked = await installRowTriggers(core);
    if (locked.length > 0)
      core.logger.warn('pgconductor: tables are locked, so their triggers follow later', {
        triggers: locked,
      });
  }

  async #tellFailures(): Promise<void> {
    const { database, queries, logger } = this.#options.core;
    const { answer } = await query<{ answer: string }>(database.sql, queries.takeTriggerFailures, []);
    for (const { task, trigger, count, message } of JSON.parse(answer) as readonly TriggerFailure[])
      logger.warn('pgconductor: the condition of a trigger failed, which counts as false', {
        task,
        trigger,
        count,
        message,
      });
  }
}
