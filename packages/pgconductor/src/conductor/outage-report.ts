import { DatabaseUnavailableError } from '../database/database-unavailable-error.ts';
import { failureFields } from '../database/failure-fields.ts';
import { Repeating } from '../schedule/repeating.ts';
import type { LogFields } from '../task/logger.ts';
import type { ConductorCore } from './conductor-core.ts';
import { SaidLately } from './said-lately.ts';

/** The same is told at most so often. */
const repeatMs = 30_000;

/**
 * Tells what an orchestrator could not do. All that it does needs the database: one that does not answer is told of once for
 * all of it, now and then as long as it stays away, and once when it is back.
 */
export class OutageReport {
  readonly #core: ConductorCore;
  readonly #said = new SaidLately(repeatMs);
  /** Of `performance.now()`. */
  #awaySince: number | undefined;
  #isAwayTold = false;

  constructor(core: ConductorCore) {
    this.#core = core;
  }

  /** Whether the database did not answer when it was last asked. */
  get isAway(): boolean {
    return this.#awaySince !== undefined;
  }

  /** Work that is done again and again, whose failures are told. */
  repeating(problem: string, pauseAfterErrorMs: number, work: () => Promise<number>): Repeating {
    const reported = async (): Promise<number> => {
      const pauseMs = await work();
      this.answered();
      return pauseMs;
    };
    return new Repeating(reported, pauseAfterErrorMs, (error) => this.failed(problem, error));
  }

  /** @param problem what could not be done: `could not claim` */
  failed(problem: string, error: unknown, fields: LogFields = {}): void {
    const { logger, database } = this.#core;
    const isAway = error instanceof DatabaseUnavailableError;
    if (isAway) this.#awaySince ??= performance.now();
    const message = isAway ? 'the database does not answer' : problem;
    if (!this.#said.isNews(isAway ? message : `${problem} ${String(error)}`)) return;
    this.#isAwayTold ||= isAway;
    logger.warn(`pgconductor: ${message}`, { ...fields, ...failureFields(error, database.sql) });
  }

  /** The database has answered. */
  answered(): void {
    if (this.#awaySince === undefined) return;
    const afterMs = Math.round(performance.now() - this.#awaySince);
    if (this.#isAwayTold) this.#core.logger.warn('pgconductor: the database answers again', { afterMs });
    this.#awaySince = undefined;
    this.#isAwayTold = false;
  }
}
