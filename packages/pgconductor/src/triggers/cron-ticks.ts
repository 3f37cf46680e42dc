import type { ConductorCore } from '../conductor/conductor-core.ts';
import { query } from '../database/query.ts';
import { type CronSchedule, resolveCron } from '../schedule/cron.ts';

/** A schedule that is due, or has not been reckoned; moments in milliseconds since the epoch. */
interface DueSchedule {
  readonly task: string;
  readonly isStatic: boolean;
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string;
  /** When it was made. */
  readonly since: number;
  /** `null` when it has not been reckoned. */
  readonly dueAt: number | null;
}

interface DueAnswer {
  readonly now: number;
  readonly nextMs: number | null;
  readonly due: readonly DueSchedule[];
}

const longestPauseMs = 1_000;
const mostRead = 1_000;

/**
 * Takes the ticks of schedules that are due, all of them: this process reads cron expressions, the database says what time it
 * is and who takes a tick.
 */
export class CronTicks {
  readonly #core: ConductorCore;
  readonly #read = new Map<string, CronSchedule | undefined>();

  constructor(core: ConductorCore) {
    this.#core = core;
  }

  /** @returns how long to wait until the next look, in milliseconds */
  async take(): Promise<number> {
    const { database, queries } = this.#core;
    const { answer } = await query<{ answer: string }>(database.sql, queries.dueSchedules, []);
    const { now, nextMs, due }: DueAnswer = JSON.parse(answer);
    let taken = 0;
    for (const schedule of due) if (await this.#tick(schedule, now)) taken += 1;
    return taken > 0 ? 0 : Math.min(nextMs ?? longestPauseMs, longestPauseMs);
  }

  async #tick(schedule: DueSchedule, now: number): Promise<boolean> {
    const cron = this.#cronOf(schedule);
    if (cron === undefined) return false;
    const { database, queries } = this.#core;
    const next = cron.next(schedule.dueAt === null ? schedule.since : now);
    const { answer } = await query<{ answer: boolean }>(database.sql, queries.tick, [
      JSON.stringify({ ...schedule, next }),
    ]);
    return answer;
  }

  /** `undefined` for what this version of Node cannot read; another worker may. Told once. */
  #cronOf({ task, name, cron, timeZone }: DueSchedule): CronSchedule | undefined {
    const key = `${timeZone} ${cron}`;
    if (this.#read.has(key)) return this.#read.get(key);
    if (this.#read.size >= mostRead) this.#read.clear();
    let schedule: CronSchedule | undefined;
    try {
      schedule = resolveCron('schedule', cron, timeZone);
    } catch (error) {
      const about = { task, schedule: name, error };
      this.#core.logger.warn('pgconductor: a schedule cannot be read by this process', about);
    }
    this.#read.set(key, schedule);
    return schedule;
  }
}
