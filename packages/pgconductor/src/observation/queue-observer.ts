import {
  ATTR_THROUGHLINE_QUEUE_STATE,
  countFailure,
  METRIC_THROUGHLINE_QUEUE_DEPTH,
  METRIC_THROUGHLINE_QUEUE_OLDEST_AGE,
  METRIC_THROUGHLINE_QUEUE_POLL_TIMESTAMP,
  type ObservedInstrument,
} from '@throughline/core';
import type { ConductorCore } from '../conductor/conductor-core.ts';
import { query } from '../database/query.ts';
import { Repeating } from '../schedule/repeating.ts';
import type { EngineTelemetry } from '../telemetry/engine-telemetry.ts';
import { type QueueCount, queueCounts, queueStates } from './queue-counts.ts';

const depth: ObservedInstrument = Object.freeze({
  kind: 'gauge',
  name: METRIC_THROUGHLINE_QUEUE_DEPTH,
  unit: '{message}',
  description: 'Number of executions in the queue, by state.',
});
const oldestAge: ObservedInstrument = Object.freeze({
  kind: 'gauge',
  name: METRIC_THROUGHLINE_QUEUE_OLDEST_AGE,
  unit: 's',
  description: 'How long the oldest execution that waits has been due.',
});
const polledAt: ObservedInstrument = Object.freeze({
  kind: 'gauge',
  name: METRIC_THROUGHLINE_QUEUE_POLL_TIMESTAMP,
  unit: 's',
  description: 'When the queues were last counted, in seconds since the epoch.',
});

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
  #stops: readonly (() => void)[] = [];

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
    const { port } = this.#telemetry;
    this.#stops = [
      port.observe(depth, (observe) => {
        for (const [queue, { byState }] of this.#shown())
          for (const state of queueStates)
            observe(byState[state], {
              ...this.#telemetry.queue(queue),
              [ATTR_THROUGHLINE_QUEUE_STATE]: state,
            });
      }),
      port.observe(oldestAge, (observe) => {
        for (const [queue, { oldestMs }] of this.#shown())
          observe(oldestMs / 1_000, this.#telemetry.queue(queue));
      }),
      port.observe(polledAt, (observe) => {
        for (const [queue] of this.#shown()) observe(this.#countedAt / 1_000, this.#telemetry.queue(queue));
      }),
    ];
    this.#repeating.start();
  }

  /** Gives the lease back, so that another need not wait for its end. */
  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    await this.#repeating.stop();
    if (performance.now() >= this.#validUntil) return;
    this.#validUntil = 0;
    const { database, queries } = this.#core;
    await query(database.sql, { ...queries.stopCounting, retries: 0 }, [this.#request()]).catch(() => {});
  }

  #shown(): ReadonlyMap<string, QueueCount> {
    return performance.now() < this.#validUntil ? this.#counts : new Map();
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
