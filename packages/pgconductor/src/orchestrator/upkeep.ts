import type { ConductorCore } from '../conductor/conductor-core.ts';
import { SaidLately } from '../conductor/said-lately.ts';
import { query } from '../database/query.ts';
import type { RunnableTask } from '../execution/runnable-task.ts';
import type { QueueWorkers } from './queue-workers.ts';

const promotionMs = 200;
const shortestPauseMs = 5;
const sweepMs = 1_000;
const pruneBatch = 1_000;
const prunePauseMs = 60_000;
const straightenMs = 15_000;
/** The same is told at most so often. */
const tellAgainMs = 3_600_000;

/** What waits at the head of a line and nobody can run. */
interface Unworked {
  readonly queue: string;
  readonly task: string;
  readonly waitedMs: number;
}

/** What every orchestrator does for the whole database, now and then. Each answers how long to wait before the next time. */
export class Upkeep {
  readonly #core: ConductorCore;
  readonly #workers: QueueWorkers;
  readonly #queues: readonly string[];
  readonly #gatedQueues: ReadonlySet<string>;
  readonly #said = new SaidLately(tellAgainMs);
  #lastSweep = Number.NEGATIVE_INFINITY;

  /** @param tasks by queue */
  constructor(
    core: ConductorCore,
    tasks: ReadonlyMap<string, readonly RunnableTask[]>,
    workers: QueueWorkers,
  ) {
    this.#core = core;
    this.#workers = workers;
    this.#queues = [...tasks.keys()];
    const gated = [...tasks].filter(([, own]) => own.some(({ isGated }) => isGated));
    this.#gatedQueues = new Set(gated.map(([queue]) => queue));
  }

  /** Whether a word about that queue may be about a gate. */
  hasGates(queue: string): boolean {
    return this.#gatedQueues.has(queue);
  }

  /** The next promotion looks at the gates, too. */
  sweepGates(): void {
    this.#lastSweep = Number.NEGATIVE_INFINITY;
  }

  /** Makes what is due available. */
  async promote(): Promise<number> {
    const { database, queries } = this.#core;
    const { answer } = await query<{ answer: string }>(database.sql, queries.promote, []);
    const { moved, nextMs } = JSON.parse(answer) as {
      readonly moved: number;
      readonly nextMs: number | null;
    };
    const admitted = await this.#admit();
    if (moved + admitted > 0) this.#workers.wake();
    return Math.min(promotionMs, Math.max(nextMs ?? promotionMs, shortestPauseMs));
  }

  async #admit(): Promise<number> {
    const isDue = performance.now() - this.#lastSweep >= sweepMs;
    if (!isDue || this.#gatedQueues.size === 0) return 0;
    this.#lastSweep = performance.now();
    const { database, queries } = this.#core;
    const { answer } = await query<{ answer: string }>(database.sql, queries.admitEverywhere, []);
    return Number(answer);
  }

  /** Takes over what workers have left that are gone. */
  async recover(pauseMs: number): Promise<number> {
    const { database, queries, logger, telemetry } = this.#core;
    const { answer } = await query<{ answer: number }>(database.sql, queries.recover, []);
    if (answer === 0) return pauseMs;
    telemetry?.recovered(answer);
    logger.warn('pgconductor: took over executions whose worker is gone', { count: answer });
    this.#workers.wake();
    return 0;
  }

  /** Removes what was kept long enough. */
  async prune(): Promise<number> {
    const { database, queries } = this.#core;
    const { answer } = await query<{ answer: string }>(database.sql, queries.prune, [String(pruneBatch)]);
    return Number(answer) < pruneBatch ? prunePauseMs : 0;
  }

  /** Looks after executions that stand where nobody takes them, and tells of those that nobody can. */
  async straightenLines(): Promise<number> {
    const { database, queries } = this.#core;
    const request = JSON.stringify({ queues: this.#queues });
    const { answer } = await query<{ answer: string }>(database.sql, queries.straightenLines, [request]);
    for (const unworked of JSON.parse(answer) as readonly Unworked[]) this.#tell(unworked);
    return straightenMs;
  }

  #tell(unworked: Unworked): void {
    if (!this.#said.isNews(JSON.stringify([unworked.queue, unworked.task]))) return;
    this.#core.logger.warn('pgconductor: executions wait that no worker of their queue can run', {
      ...unworked,
    });
  }
}
