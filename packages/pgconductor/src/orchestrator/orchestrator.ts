import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import process from 'node:process';
import { demandOption } from '@throughline/core';
import { conductorCommands } from '../conductor/conductor-commands.ts';
import { DatabaseUnavailableError } from '../database/database-unavailable-error.ts';
import { schemaVersion } from '../database/migrate.ts';
import { query } from '../database/query.ts';
import { BatchContext } from '../execution/batch-context.ts';
import { type BatchHost, BatchRun } from '../execution/batch-run.ts';
import { CanceledError } from '../execution/canceled-error.ts';
import { Execution } from '../execution/execution.ts';
import { ExecutionContext } from '../execution/execution-context.ts';
import { LeaseLostError } from '../execution/lease-lost-error.ts';
import { ReleasedError } from '../execution/released-error.ts';
import { contextWith } from '../execution/run-context.ts';
import type { RunnableTask } from '../execution/runnable-task.ts';
import { StepSaver } from '../execution/step-saver.ts';
import { WorkerObservation } from '../observation/worker-observation.ts';
import { isWhole } from '../options/option-checks.ts';
import { Repeating } from '../schedule/repeating.ts';
import { triggerError } from '../task/trigger-invalid-error.ts';
import { tellNotedEndings } from '../telemetry/noted-ending.ts';
import { TracedBatchRun } from '../telemetry/traced-batch-run.ts';
import { TracedExecution } from '../telemetry/traced-execution.ts';
import { TriggerKeeper } from '../triggers/trigger-keeper.ts';
import { Bell } from './bell.ts';
import {
  type OrchestratorOptions,
  type OrchestratorSettings,
  resolveOrchestrator,
} from './orchestrator-options.ts';
import type { PulseAnswer, Signal } from './pulse.ts';
import { QueueWorker } from './queue-worker.ts';
import { SettleLoop } from './settle-loop.ts';
import { taskRow } from './task-row.ts';
import { isOutdated, WorkerOutdatedError } from './worker-outdated-error.ts';

/** How {@link Orchestrator.stop} stops. */
export interface StopOptions {
  /** How long handlers may go on; milliseconds from 0. After that they are aborted and their executions given back. @default 30_000 */
  readonly graceMs?: number | undefined;
}

const claimsInFlight = 2;
const settlesInFlight = 2;
const signalPollMs = 500;
const promotionMs = 200;
const sweepMs = 1_000;
const pruneBatch = 1_000;
const prunePauseMs = 60_000;
/** How long a stop waits for a database that does not answer, */
const databaseGraceMs = 5_000;
/** and at least how long to be told that the worker leaves. */
const leaveGraceMs = 1_000;
const shortestPauseMs = 5;
const drainLookMs = 20;

/**
 * Runs tasks. Any number of orchestrators, in any number of processes, share the work of a database.
 *
 * @example
 * ```ts
 * import { Conductor, Orchestrator } from '@throughline/pgconductor';
 *
 * const conductor = Conductor.create({ connectionString: 'postgres://localhost/app' });
 * const tidy = conductor.createTask({ name: 'tidy' }, { invocable: true }, async () => {});
 * const orchestrator = Orchestrator.create({ conductor, tasks: [tidy], concurrency: 50 });
 * await orchestrator.start();
 * process.once('SIGTERM', async () => {
 *   await orchestrator.stop({ graceMs: 20_000 });
 *   await conductor.close();
 * });
 * ```
 */
export class Orchestrator {
  readonly #settings: OrchestratorSettings;
  readonly #id: string = randomUUID();
  readonly #workers = new Map<string, QueueWorker>();
  readonly #settleLoop: SettleLoop;
  readonly #stepSaver: StepSaver;
  readonly #observation: WorkerObservation | undefined;
  readonly #loops: readonly Repeating[];
  readonly #promoter: Repeating;
  readonly #pulse: Repeating;
  readonly #triggers: TriggerKeeper;
  #lastExtension = 0;
  #lastSweep = Number.NEGATIVE_INFINITY;
  #opened: Promise<void> | undefined;
  #isStarted = false;
  #drains = 0;
  #unlisten: (() => Promise<void>) | undefined;
  readonly #bell = new Bell();

  /**
   * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for a value that cannot be meant, and for an option that does
   * not exist
   */
  static create(options: OrchestratorOptions): Orchestrator {
    return new Orchestrator(resolveOrchestrator(options));
  }

  private constructor(settings: OrchestratorSettings) {
    this.#settings = settings;
    const { core, batchSize, leaseMs } = settings;
    this.#stepSaver = new StepSaver(core.database.sql, core.queries);
    this.#settleLoop = new SettleLoop({
      sql: core.database.sql,
      queries: core.queries,
      logger: core.logger,
      batchSize,
      inFlight: settlesInFlight,
      onFlushed: () => this.#flushed(),
      onSent: core.telemetry?.flushed,
    });
    for (const [queue, tasks] of settings.tasks) this.#workers.set(queue, this.#queueWorker(queue, tasks));
    const { telemetry } = core;
    this.#observation =
      telemetry &&
      new WorkerObservation(core, telemetry, {
        id: this.#id,
        workers: this.#workers,
        concurrency: settings.concurrency,
      });
    this.#pulse = this.#repeating('could not say that it lives', () => this.#beat());
    this.#promoter = this.#repeating('could not look for what is due', () => this.#promote());
    const recovery = this.#repeating('could not look for what others left', () => this.#recover(leaseMs / 3));
    const pruning = this.#repeating('could not remove what was kept long enough', () => this.#prune());
    this.#triggers = new TriggerKeeper({
      core,
      worker: this.#id,
      tasks: [...settings.tasks.values()].flat().map(({ task }) => task),
      registerAnew: () => this.#announce(),
    });
    this.#loops = [this.#pulse, this.#promoter, recovery, pruning, ...this.#triggers.loops];
  }

  /** Begins to work. Resolves when the database is ready and the tasks are known to it. May be called again. */
  async start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    try {
      await this.#open();
    } catch (error) {
      this.#isStarted = false;
      throw error;
    }
    this.#startWorkers();
  }

  /**
   * Works until nothing is left that could run now: every execution of its tasks that is ready, running, or waits at a
   * gate that can open has ended, in this process or another. What is due later stays.
   *
   * Also without `start`; then it does not work any more afterwards.
   */
  async drain(): Promise<void> {
    this.#drains += 1;
    try {
      await this.#open();
      this.#startWorkers();
      await this.#drained();
    } finally {
      this.#drains -= 1;
      if (!this.#isStarted && this.#drains === 0) await this.#close(0);
    }
  }

  /** Claims no more, waits for handlers, settles, gives back what is left. May be called again, also before `start`. */
  async stop({ graceMs = 30_000 }: StopOptions = {}): Promise<void> {
    demandOption(isWhole(graceMs, 0, 2_147_483_647), 'stop.graceMs', graceMs, 'whole milliseconds from 0');
    this.#isStarted = false;
    await this.#close(graceMs);
  }

  #queueWorker(queue: string, tasks: readonly RunnableTask[]): QueueWorker {
    const { core, concurrency, batchSize, pollMs, leaseMs } = this.#settings;
    const settleLoop = this.#settleLoop;
    const workers = this.#workers;
    const { telemetry } = core;
    const host: BatchHost = {
      worker: this.#id,
      catalog: core,
      commands: conductorCommands(core),
      steps: this.#stepSaver,
      logger: core.logger,
      maxPayloadBytes: core.maxPayloadBytes,
      Context: contextWith(ExecutionContext, core.context),
      BatchContext: contextWith(BatchContext, core.context),
      batchRun: (task) =>
        telemetry === undefined ? new BatchRun(host, task) : new TracedBatchRun(host, task, telemetry),
      execution: (batch, place, task) =>
        telemetry === undefined
          ? new Execution(host, batch, place, task)
          : new TracedExecution(host, batch, place, task, telemetry),
      isStopping: () => workers.get(queue)?.isPaused ?? true,
      ended(execution: Execution): void {
        settleLoop.push(execution);
        workers.get(queue)?.ended(execution);
      },
    };
    return new QueueWorker({
      sql: core.database.sql,
      queries: core.queries,
      host,
      worker: this.#id,
      queue,
      tasks,
      concurrency,
      batchSize,
      inFlight: claimsInFlight,
      leaseMs,
      pollMs,
      withTraces: telemetry !== undefined,
      isDraining: () => this.#drains > 0,
      unsettled: () => settleLoop.unsettled,
      onLate: () => this.#pulse.soon(),
      onClaimed: (error) => this.#claimed(queue, error),
      onFetched: telemetry?.fetched,
    });
  }

  #repeating(problem: string, work: () => Promise<number>): Repeating {
    const { logger } = this.#settings.core;
    return new Repeating(work, this.#settings.pollMs, (error) =>
      logger.warn(`pgconductor: ${problem}`, { error }),
    );
  }

  #claimed(queue: string, error: unknown): void {
    if (error !== undefined)
      this.#settings.core.logger.warn('pgconductor: could not claim', { queue, error });
    this.#bell.ring();
  }

  #flushed(): void {
    for (const worker of this.#workers.values()) worker.pump();
    this.#bell.ring();
  }

  #startWorkers(): void {
    this.#detached(() => {
      for (const worker of this.#workers.values()) worker.start();
    });
  }

  /** What goes on for long belongs to nobody's request, whoever begins it. */
  #detached<Result>(begin: () => Result): Result {
    const { telemetry } = this.#settings.core;
    return telemetry === undefined ? begin() : telemetry.port.withContext(undefined, begin);
  }

  /** Everything but the claiming. */
  #open(): Promise<void> {
    this.#opened ??= this.#detached(() => this.#register()).catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #register(): Promise<void> {
    await this.#settings.core.ready();
    await this.#announce();
    await this.#listen();
    this.#renewed(performance.now(), [], new Set());
    for (const loop of this.#loops) loop.start();
    this.#observation?.start();
  }

  /** Tells the database of this worker, its tasks and their triggers. */
  async #announce(): Promise<void> {
    const { core, leaseMs, tasks } = this.#settings;
    const request = {
      worker: this.#id,
      host: hostname(),
      pid: process.pid,
      schemaVersion,
      leaseMs,
      queues: [...tasks.keys()],
      tells: core.telemetry !== undefined,
      tasks: [...tasks.values()].flat().map(taskRow),
    };
    try {
      await query(core.database.sql, core.queries.register, [JSON.stringify(request)]);
    } catch (error) {
      throw isOutdated(error) ? new WorkerOutdatedError(error) : triggerError(error);
    }
    await this.#triggers.register();
  }

  /** Behind a pooler that gives each transaction another connection nothing is heard; then it goes on by looking. */
  async #listen(): Promise<void> {
    const { database, queries, logger } = this.#settings.core;
    try {
      const { answer } = await query<{ answer: string }>(database.sql, queries.channel, []);
      const wakeAll = (): void => this.#wake(undefined);
      const { unlisten } = await database.sql.listen(answer, (payload) => this.#heard(payload), wakeAll);
      this.#unlisten = unlisten;
    } catch (error) {
      logger.warn('pgconductor: cannot listen, so work is found by looking only', { error });
    }
  }

  #heard(payload: string): void {
    const { queue, worker } = JSON.parse(payload) as { readonly queue?: string; readonly worker?: string };
    if (worker === this.#id) this.#pulse.soon();
    if (queue !== undefined) this.#wake(queue);
  }

  #wake(queue: string | undefined): void {
    if (queue === undefined) this.#triggers.soon();
    if (queue === undefined || this.#hasGates(queue)) {
      this.#lastSweep = Number.NEGATIVE_INFINITY;
      this.#promoter.soon();
    }
    for (const worker of this.#workers.values())
      if (queue === undefined || worker.queue === queue) worker.wake();
  }

  #hasGates(queue: string): boolean {
    return this.#settings.tasks.get(queue)?.some(({ isGated }) => isGated) ?? false;
  }

  /** Renews the leases in time, removes those that are empty, and takes what others ask. */
  async #beat(): Promise<number> {
    const { core, leaseMs } = this.#settings;
    const now = performance.now();
    const extend = now - this.#lastExtension > leaseMs / 4;
    const held = extend ? this.#heldLeases() : [];
    const done = this.#settleLoop.takeFinishedLeases();
    const tells = core.telemetry !== undefined;
    const traces = extend && tells ? this.#runningTraces() : undefined;
    const request = JSON.stringify({ worker: this.#id, extend, leaseMs, held, done, tells, traces });
    const { leases, signals, endings } = await this.#exchange(request).catch((error: unknown) => {
      this.#settleLoop.putBackFinishedLeases(done);
      throw error;
    });
    if (leases !== null) this.#renewed(now, held, new Set(leases));
    for (const signal of signals) this.#obey(signal);
    if (core.telemetry !== undefined) tellNotedEndings(core.telemetry, endings);
    return Math.min(signalPollMs, leaseMs / 8);
  }

  async #exchange(request: string): Promise<PulseAnswer> {
    const { database, queries } = this.#settings.core;
    const { answer } = await query<{ answer: string }>(database.sql, queries.pulse, [request]);
    return JSON.parse(answer) as PulseAnswer;
  }

  #heldLeases(): readonly number[] {
    return [...this.#workers.values()].flatMap((worker) => [...worker.leaseIds()]);
  }

  /** What was held before and is not among the leases that are alive has been taken over. @param at when that was asked */
  #renewed(at: number, held: readonly number[], alive: ReadonlySet<number>): void {
    this.#lastExtension = at;
    const lost = new Set(held.filter((lease) => !alive.has(lease)));
    for (const worker of this.#workers.values()) {
      if (lost.size > 0) dropLost(worker, lost);
      worker.renewed(at + this.#settings.leaseMs);
    }
  }

  /** By lease and execution, for whoever has to take over. Only of what outlasts a heartbeat. */
  #runningTraces(): object {
    const traces: Record<string, Record<string, object>> = {};
    for (const worker of this.#workers.values())
      for (const { carrier, batch, id } of worker.running)
        if (carrier !== undefined) traces[batch.lease] = { ...traces[batch.lease], [id]: carrier };
    return traces;
  }

  #obey({ kind, execution: id, detail, ageMs }: Signal): void {
    if (kind === 'leave') this.#makeWay();
    if (kind !== 'cancel' || id === null) return;
    const error = new CanceledError(String(detail?.message ?? 'canceled'));
    for (const worker of this.#workers.values()) {
      const execution = worker.find(id, error);
      if (execution === undefined) continue;
      execution.abort(error);
      this.#settings.core.telemetry?.canceled(worker.queue, ageMs);
    }
  }

  /** A breaking migration waits until no worker of this version is left. */
  #makeWay(): void {
    const { logger } = this.#settings.core;
    logger.warn('pgconductor: stops, because the database is migrated to what this version cannot work with');
    this.stop().catch((error: unknown) => logger.error('pgconductor: could not stop', { error }));
  }

  async #promote(): Promise<number> {
    const { database, queries } = this.#settings.core;
    const { answer } = await query<{ answer: string }>(database.sql, queries.promote, []);
    const { moved, nextMs } = JSON.parse(answer) as {
      readonly moved: number;
      readonly nextMs: number | null;
    };
    const admitted = await this.#admit();
    if (moved + admitted > 0) for (const worker of this.#workers.values()) worker.wake();
    return Math.min(promotionMs, Math.max(nextMs ?? promotionMs, shortestPauseMs));
  }

  async #admit(): Promise<number> {
    const isDue = performance.now() - this.#lastSweep >= sweepMs;
    if (!isDue || ![...this.#workers.keys()].some((queue) => this.#hasGates(queue))) return 0;
    this.#lastSweep = performance.now();
    const { database, queries } = this.#settings.core;
    const { answer } = await query<{ answer: string }>(database.sql, queries.admitEverywhere, []);
    return Number(answer);
  }

  async #recover(pauseMs: number): Promise<number> {
    const { database, queries, logger, telemetry } = this.#settings.core;
    const { answer } = await query<{ answer: number }>(database.sql, queries.recover, []);
    if (answer === 0) return pauseMs;
    telemetry?.recovered(answer);
    logger.warn('pgconductor: took over executions whose worker is gone', { count: answer });
    for (const worker of this.#workers.values()) worker.wake();
    return 0;
  }

  async #prune(): Promise<number> {
    const { database, queries } = this.#settings.core;
    const { answer } = await query<{ answer: string }>(database.sql, queries.prune, [String(pruneBatch)]);
    return Number(answer) < pruneBatch ? prunePauseMs : 0;
  }

  async #drained(): Promise<void> {
    for (;;) {
      await this.#quiet();
      if (!(await this.#hasWork())) return;
      await new Promise((resolve) => setTimeout(resolve, drainLookMs));
      this.#wake(undefined);
    }
  }

  /** Resolves when nothing is claimed, running or unsettled here, and the queues were found empty. */
  async #quiet(): Promise<void> {
    const isQuiet = (): boolean =>
      this.#settleLoop.unsettled === 0 && [...this.#workers.values()].every((worker) => worker.isQuiet);
    while (!isQuiet()) await this.#bell.heard();
  }

  async #hasWork(): Promise<boolean> {
    const { core, tasks } = this.#settings;
    const request = { queues: [...tasks.keys()], tasks: [...tasks.values()].flat().map(({ name }) => name) };
    const { answer } = await query<{ answer: boolean }>(core.database.sql, core.queries.hasWork, [
      JSON.stringify(request),
    ]);
    return answer;
  }

  async #close(graceMs: number): Promise<void> {
    if (this.#opened === undefined) return;
    await this.#opened.catch(() => {});
    for (const worker of this.#workers.values()) worker.pause();
    await this.#empty(graceMs);
    this.#abortAll();
    const deadline = performance.now() + databaseGraceMs;
    await this.#settleRest(deadline);
    await this.#leaveUntil(deadline).catch((error: unknown) => this.#couldNotLeave(error));
    this.#opened = undefined;
  }

  async #empty(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    const isEmpty = (): boolean => [...this.#workers.values()].every((worker) => worker.isEmpty);
    while (!isEmpty() && performance.now() < deadline) await this.#bell.heard(deadline - performance.now());
  }

  /** The lease is given up only together with the abort: whatever a handler still returns is late, and changes nothing. */
  #abortAll(): void {
    for (const worker of this.#workers.values())
      for (const execution of [...worker.running]) {
        execution.abort(new ReleasedError());
        execution.end({ kind: 'released', delayMs: 0, isUnstarted: false, isUngated: false });
      }
  }

  /** What cannot be settled is taken over by others when its lease is over. */
  async #settleRest(deadline: number): Promise<void> {
    while (this.#settleLoop.unsettled > 0 && performance.now() < deadline)
      await this.#bell.heard(deadline - performance.now());
    this.#settleLoop.giveUp();
    this.#stepSaver.giveUp();
  }

  #couldNotLeave(error: unknown): void {
    this.#settings.core.logger.warn('pgconductor: stopped without the database', { error });
  }

  /** A database that is silent answers neither yes nor no. */
  async #leaveUntil(deadline: number): Promise<void> {
    const left = Math.max(deadline - performance.now(), leaveGraceMs);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new DatabaseUnavailableError('leave', true, undefined)), left);
    });
    await Promise.race([this.#leave(), late]).finally(() => clearTimeout(timer));
  }

  async #leave(): Promise<void> {
    await Promise.all([this.#observation?.stop(), ...this.#loops.map((loop) => loop.stop())]);
    await this.#unlisten?.();
    this.#unlisten = undefined;
    await this.#beat();
    const { database, queries } = this.#settings.core;
    await query(database.sql, queries.leave, [JSON.stringify({ worker: this.#id })]);
  }
}

function dropLost(worker: QueueWorker, lost: ReadonlySet<number>): void {
  for (const execution of worker.running)
    if (lost.has(execution.batch.lease)) execution.abort(new LeaseLostError());
  worker.drop(lost);
}
