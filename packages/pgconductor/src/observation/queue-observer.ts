import { countFailure, observeQueueReadings, type QueueReading } from '@throughline/core';
import type { ConductorCore } from '../conductor/conductor-core.ts';
import { query } from '../database/query.ts';
import { Repeating } from '../schedule/repeating.ts';
import type { EngineTelemetry } from '../telemetry/engine-telemetry.ts';
import { type QueueCount, queueCounts } from './queue-counts.ts';

/** A holder may be late by a whole pause before it loses the lease, and the next pause may be twice as long. */
const leaseIntervals = 3;
/** Counting reads the whole table of what is not over, so it may take this part of the time of one connection. */
const mostOfTime = 0.02;

/**
 * Counts the queues of a database, as long as no other orchestrator does: a lease in the database decides, so no queue is
 * counted twice, and when its holder is gone another takes over. What was counted is shown as long as the lease holds,
 * reckoned from before it was asked for.
 */
export class QueueObserver {
  readonly #core: ConductorCore;
  readonly #telemetry: EngineTelemetry;
  readonly #holder: string;
  readonly #intervalMs: number;
  readonly #repeating: Repeating;
  #counts: ReadonlyMap<string, QueueCount> = new Map();
  #countedAt = 0;
  #validUntil = 0;
  #pauseMs: number;
  #stopShowing: (() => void) | undefined;

  /** @param holder id of the orchestrator */
  constructor(core: ConductorCore, telemetry: EngineTelemetry, holder: string) {
    this.#core = core;
    this.#telemetry = telemetry;
    this.#intervalMs = telemetry.settings.depthIntervalMs;
    this.#pauseMs = this.#intervalMs;
    this.#holder = holder;
    this.#repeating = new Repeating(
      () => this.#count(),
      this.#intervalMs,
      (error) => this.#failed(error),
    );
  }

  start(): void {
    this.#stopShowing = observeQueueReadings(this.#telemetry.port, () => this.#readings());
    this.#repeating.start();
  }

  /** Gives the lease back, so that another need not wait for its end. */
  async stop(): Promise<void> {
    this.#stopShowing?.();
    await this.#repeating.stop();
    if (performance.now() >= this.#validUntil) return;
    this.#validUntil = 0;
    const { database, queries } = this.#core;
    await query(database.sql, { ...queries.stopCounting, retries: 0 }, [this.#request()]).catch(() => {});
  }

  *#readings(): Iterable<QueueReading> {
    if (performance.now() >= this.#validUntil) return;
    for (const [queue, { byState, oldestMs }] of this.#counts)
      yield {
        attributes: this.#telemetry.queue(queue),
        depth: byState,
        oldestAge: oldestMs / 1_000,
        polledAt: this.#countedAt / 1_000,
      };
  }

  async #count(): Promise<number> {
    const { database, queries } = this.#core;
    if (!this.#telemetry.port.isEnabled('measurements')) return this.#intervalMs;
    const startedAt = performance.now();
    const { answer } = await query<{ answer: string | null }>(database.sql, queries.countQueues, [
      this.#request(),
    ]);
    if (answer === null) return this.#intervalMs;
    this.#counts = queueCounts(answer);
    this.#countedAt = Date.now();
    this.#validUntil = startedAt + this.#pauseMs * leaseIntervals;
    this.#pauseMs = this.#pauseAfter(performance.now() - startedAt);
    return this.#pauseMs;
  }

  /** At most twice as long as the one before: the lease that was asked for holds until then. */
  #pauseAfter(durationMs: number): number {
    return Math.max(this.#intervalMs, Math.min(durationMs / mostOfTime, 2 * this.#pauseMs));
  }

  #request(): string {
    return JSON.stringify({ holder: this.#holder, leaseMs: this.#pauseMs * leaseIntervals });
  }

  #failed(error: unknown): void {
    countFailure(this.#telemetry.port, 'pgconductor.count_queues', error);
    this.#telemetry.notCounted(error);
  }
}
