import type { ConductorCore } from '../conductor/conductor-core.ts';
import { query } from '../database/query.ts';
import { CanceledError } from '../execution/canceled-error.ts';
import { tellNotedEndings } from '../telemetry/noted-ending.ts';
import type { PulseAnswer, Signal } from './pulse.ts';
import type { QueueWorkers } from './queue-workers.ts';
import type { SettleLoop } from './settle-loop.ts';

/** What a {@link Heartbeat} needs. */
export interface HeartbeatOptions {
  readonly core: ConductorCore;
  /** Id of the orchestrator. */
  readonly worker: string;
  readonly leaseMs: number;
  readonly workers: QueueWorkers;
  readonly settleLoop: SettleLoop;
  /** The database asks this worker to leave. */
  onLeave(): void;
}

const signalPollMs = 500;
/** For one answer; there have to be several tries before the leases run out. */
const leastPatienceMs = 1_000;
const mostPatienceMs = 10_000;

/** Tells the database that a worker lives: renews the leases in time, removes those that are empty, and takes what others ask. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #lastExtension = 0;
  /** Signals and endings of the last answer: the next one brings them again unless it is told that they have arrived. */
  #seen: readonly number[] = [];
  #told: readonly number[] = [];

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** The worker has just been registered, and holds nothing. */
  begin(): void {
    this.#renewed(performance.now(), [], new Set());
  }

  /** @returns the pause until the next one, in milliseconds */
  async beat(): Promise<number> {
    const { core, worker, leaseMs, workers, settleLoop } = this.#options;
    const now = performance.now();
    workers.giveBackLate();
    const extend = now - this.#lastExtension > leaseMs / 4;
    const held = extend ? workers.leaseIds() : [];
    const done = settleLoop.takeFinishedLeases();
    const tells = core.telemetry !== undefined;
    const traces = extend && tells ? workers.carriers() : undefined;
    const [seen, told] = [this.#seen, this.#told];
    const request = JSON.stringify({ worker, extend, leaseMs, held, done, seen, told, tells, traces });
    const { leases, signals, endings } = await this.#exchange(request).catch((error: unknown) => {
      settleLoop.putBackFinishedLeases(done);
      throw error;
    });
    this.#seen = signals.map(({ id }) => id);
    this.#told = endings.map(([, { id }]) => id);
    if (leases !== null) this.#renewed(now, held, new Set(leases));
    for (const signal of signals) this.#obey(signal);
    if (core.telemetry !== undefined) tellNotedEndings(core.telemetry, endings);
    return Math.min(signalPollMs, leaseMs / 8);
  }

  /** Endings that have been told of, which the database does not know yet. */
  get told(): readonly number[] {
    return this.#told;
  }

  async #exchange(request: string): Promise<PulseAnswer> {
    const { core, leaseMs } = this.#options;
    const { database, queries } = core;
    const pulse = {
      ...queries.pulse,
      patienceMs: Math.min(Math.max(leaseMs / 4, leastPatienceMs), mostPatienceMs),
    };
    const { answer } = await query<{ answer: string }>(database.sql, pulse, [request]);
    return JSON.parse(answer) as PulseAnswer;
  }

  /** What was held before and is not among the leases that are alive has been taken over. @param at when that was asked */
  #renewed(at: number, held: readonly number[], alive: ReadonlySet<number>): void {
    const { workers, leaseMs } = this.#options;
    this.#lastExtension = at;
    const lost = new Set(held.filter((lease) => !alive.has(lease)));
    if (lost.size > 0) workers.drop(lost);
    workers.renewed(at + leaseMs);
  }

  #obey({ kind, execution: id, detail, ageMs }: Signal): void {
    const { core, workers, onLeave } = this.#options;
    if (kind === 'leave') onLeave();
    if (kind !== 'cancel' || id === null) return;
    const queue = workers.cancel(id, new CanceledError(String(detail?.message ?? 'canceled')));
    if (queue !== undefined) core.telemetry?.canceled(queue, ageMs);
  }
}
