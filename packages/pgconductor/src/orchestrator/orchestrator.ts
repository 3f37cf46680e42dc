import { randomUUID } from 'node:crypto';
import { demandOption } from '@throughline/core';
import { OutageReport } from '../conductor/outage-report.ts';
import { DatabaseUnavailableError } from '../database/database-unavailable-error.ts';
import { failureFields } from '../database/failure-fields.ts';
import { NoAnswerError } from '../database/no-answer-error.ts';
import { query } from '../database/query.ts';
import { within } from '../database/within.ts';
import type { RunnableTask } from '../execution/runnable-task.ts';
import { StepSaver } from '../execution/step-saver.ts';
import { WorkerObservation } from '../observation/worker-observation.ts';
import { isWhole } from '../options/option-checks.ts';
import type { Repeating } from '../schedule/repeating.ts';
import { TriggerKeeper } from '../triggers/trigger-keeper.ts';
import { Bell } from './bell.ts';
import { executionHost } from './execution-host.ts';
import { Heartbeat } from './heartbeat.ts';
import { Listener, type Word } from './listener.ts';
import { Opening } from './opening.ts';
import {
  type OrchestratorOptions,
  type OrchestratorSettings,
  resolveOrchestrator,
} from './orchestrator-options.ts';
import { QueueWorker } from './queue-worker.ts';
import { QueueWorkers } from './queue-workers.ts';
import { SettleLoop } from './settle-loop.ts';
import { Upkeep } from './upkeep.ts';
import { registerWorker } from './worker-registration.ts';

/** How {@link Orchestrator.stop} stops. */
export interface StopOptions {
  /** How long handlers may go on; milliseconds from 0. After that they are aborted and their executions given back. @default 30_000 */
  readonly graceMs?: number | undefined;
}

const claimsInFlight = 2;
const settlesInFlight = 2;
/** How long a stop waits for a database that does not answer, */
const databaseGraceMs = 5_000;
/** and at least how long: to be told that the worker has come, or leaves. */
const leastGraceMs = 1_000;
const drainLookMs = 20;
/** While nothing comes of looking. */
const longestDrainLookMs = 200;
const pauseAfterErrorMs = 1_000;

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
  readonly #workers: QueueWorkers;
  readonly #heartbeat: Heartbeat;
  readonly #upkeep: Upkeep;
  readonly #settleLoop: SettleLoop;
  readonly #stepSaver: StepSaver;
  readonly #observation: WorkerObservation | undefined;
  readonly #loops: readonly Repeating[];
  readonly #promoter: Repeating;
  readonly #pulse: Repeating;
  readonly #triggers: TriggerKeeper;
  readonly #listener: Listener;
  readonly #report: OutageReport;
  #opening: Opening | undefined;
  /** Of the start that has not been stopped. */
  #started: symbol | undefined;
  #closings = 0;
  #drains = 0;
  #drainPauseMs = drainLookMs;
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
    this.#report = new OutageReport(core);
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
    this.#workers = new QueueWorkers(settings.tasks, (queue, tasks) => this.#queueWorker(queue, tasks));
    const { telemetry } = core;
    this.#observation =
      telemetry &&
      new WorkerObservation(core, telemetry, {
        id: this.#id,
        workers: this.#workers,
        concurrency: settings.concurrency,
      });
    this.#heartbeat = new Heartbeat({
      core,
      worker: this.#id,
      leaseMs,
      workers: this.#workers,
      settleLoop: this.#settleLoop,
      onLeave: () => this.#makeWay(),
    });
    const upkeep = new Upkeep(core, settings.tasks, this.#workers);
    this.#upkeep = upkeep;
    this.#pulse = this.#repeating('could not say that it lives', () => this.#heartbeat.beat());
    this.#promoter = this.#repeating('could not look for what is due', () => upkeep.promote());
    const recovery = this.#repeating('could not look for what others left', () =>
      upkeep.recover(leaseMs / 3),
    );
    const pruning = this.#repeating('could not remove what was kept long enough', () => upkeep.prune());
    const lines = this.#repeating('could not straighten the lines', () => upkeep.straightenLines());
    this.#triggers = new TriggerKeeper({
      core,
      worker: this.#id,
      tasks: [...settings.tasks.values()].flat().map(({ task }) => task),
      report: this.#report,
      registerAnew: () => this.#announce(),
    });
    this.#listener = new Listener(
      core,
      this.#report,
      (word) => this.#heard(word),
      () => this.#wake(),
    );
    this.#loops = [this.#pulse, this.#promoter, recovery, pruning, lines, ...this.#triggers.loops];
  }

  /**
   * Begins to work, after a stop that is on its way. Resolves when the database is ready and the tasks are known to it, or when
   * it was stopped before. May be called again.
   */
  async start(): Promise<void> {
    if (this.#started !== undefined) return;
    const own = Symbol('start');
    this.#started = own;
    try {
      if (this.#closings > 0) await this.#closed();
      if (this.#started === own) await this.#open();
    } catch (error) {
      if (this.#started === own) this.#started = undefined;
      throw error;
    }
    if (this.#started === own) this.#startWorkers();
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
      if (this.#closings > 0) await this.#closed();
      await this.#open();
      this.#startWorkers();
      await this.#drained();
    } finally {
      this.#drains -= 1;
      if (this.#started === undefined && this.#drains === 0) await this.#close(0);
    }
  }

  /** Claims no more, waits for handlers, settles, gives back what is left. May be called again, also before `start`. */
  async stop({ graceMs = 30_000 }: StopOptions = {}): Promise<void> {
    demandOption(isWhole(graceMs, 0, 2_147_483_647), 'stop.graceMs', graceMs, 'whole milliseconds from 0');
    this.#started = undefined;
    await this.#close(graceMs);
  }

  #queueWorker(queue: string, tasks: readonly RunnableTask[]): QueueWorker {
    const { core, concurrency, batchSize, pollMs, leaseMs } = this.#settings;
    const { telemetry } = core;
    const settleLoop = this.#settleLoop;
    const host = executionHost({
      core,
      worker: this.#id,
      steps: this.#stepSaver,
      isStopping: () => worker.isPaused,
      ended(execution) {
        settleLoop.push(execution);
        worker.ended(execution);
      },
    });
    const worker = new QueueWorker({
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
    return worker;
  }

  #repeating(problem: string, work: () => Promise<number>): Repeating {
    return this.#report.repeating(problem, pauseAfterErrorMs, work);
  }

  #claimed(queue: string, error: unknown): void {
    if (error === undefined) this.#report.answered();
    else this.#report.failed('could not claim', error, { queue });
    this.#bell.ring();
  }

  #flushed(): void {
    this.#drainPauseMs = drainLookMs;
    this.#workers.pump();
    this.#bell.ring();
  }

  #startWorkers(): void {
    this.#detached(() => this.#workers.start());
  }

  /** What goes on for long belongs to nobody's request, whoever begins it. */
  #detached<Result>(begin: () => Result): Result {
    const { telemetry } = this.#settings.core;
    return telemetry === undefined ? begin() : telemetry.port.withContext(undefined, begin);
  }

  /** Everything but the claiming. */
  #open(): Promise<void> {
    if (this.#opening === undefined) {
      const opening = new Opening((self) => this.#detached(() => this.#register(self)));
      this.#opening = opening;
      opening.done.catch(() => {
        if (this.#opening === opening) this.#opening = undefined;
      });
    }
    return this.#opening.done;
  }

  async #register(opening: Opening): Promise<void> {
    await this.#settings.core.schema.ready();
    if (opening.isGivenUp) return;
    await this.#announce();
    if (!opening.isGivenUp) await this.#listener.start();
    if (opening.isGivenUp) return this.#withdraw(opening);
    this.#heartbeat.begin();
    for (const loop of this.#loops) loop.start();
    this.#observation?.start();
  }

  /** What was given up has come about all the same. */
  async #withdraw(opening: Opening): Promise<void> {
    await this.#deregister(opening).catch(() => {});
  }

  /** Tells the database of this worker, its tasks and their triggers. */
  async #announce(): Promise<void> {
    await registerWorker(this.#id, this.#settings);
    await this.#triggers.register();
  }

  #heard({ queue, worker }: Word): void {
    if (worker === this.#id) this.#pulse.soon();
    if (queue !== undefined) this.#wake(queue);
  }

  /** @param queue where there is something to do; perhaps everywhere without */
  #wake(queue?: string): void {
    if (queue === undefined) this.#triggers.soon();
    if (queue === undefined || this.#upkeep.hasGates(queue)) {
      this.#upkeep.sweepGates();
      this.#promoter.soon();
    }
    this.#workers.wake(queue);
  }

  /** A breaking migration waits until no worker of this version is left. */
  #makeWay(): void {
    const { logger } = this.#settings.core;
    logger.warn('pgconductor: stops, because the database is migrated to what this version cannot work with');
    this.stop().catch((error: unknown) => logger.error('pgconductor: could not stop', { error }));
  }

  async #drained(): Promise<void> {
    for (;;) {
      await this.#quiet();
      if (!(await this.#hasWork())) return;
      await new Promise((resolve) => setTimeout(resolve, this.#drainPauseMs));
      this.#drainPauseMs = Math.min(2 * this.#drainPauseMs, longestDrainLookMs);
      this.#wake();
    }
  }

  /** Resolves when nothing is claimed, running or unsettled here, and the queues were found empty. */
  async #quiet(): Promise<void> {
    const isQuiet = (): boolean => this.#settleLoop.unsettled === 0 && this.#workers.areQuiet;
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
    const opening = this.#opening;
    if (opening === undefined) return;
    this.#workers.pause();
    const patienceMs = Math.min(Math.max(graceMs, leastGraceMs), databaseGraceMs);
    this.#closings += 1;
    try {
      if (await opening.isOverWithin(patienceMs)) return await this.#end(opening, graceMs);
    } finally {
      this.#closings -= 1;
      this.#bell.ring();
    }
    await this.#giveUp(opening);
  }

  /** Resolves when no stop is on its way. */
  async #closed(): Promise<void> {
    while (this.#closings > 0) await this.#bell.heard();
  }

  /** Looks whenever it has waited whether another stop was faster. */
  async #end(opening: Opening, graceMs: number): Promise<void> {
    if (this.#opening !== opening) return;
    await this.#empty(graceMs);
    if (this.#opening !== opening) return;
    this.#workers.giveBack();
    const deadline = performance.now() + databaseGraceMs;
    await this.#settleRest(deadline);
    if (this.#opening !== opening) return;
    this.#settleLoop.giveUp();
    this.#stepSaver.giveUp();
    const left = Math.max(deadline - performance.now(), leastGraceMs);
    await within(left, this.#leave(opening)).catch((error: unknown) => this.#couldNotLeave(error));
    if (this.#opening === opening) this.#opening = undefined;
  }

  async #giveUp(opening: Opening): Promise<void> {
    const cause = new NoAnswerError('It was stopped before there was an answer.');
    this.#opening = undefined;
    opening.giveUp(new DatabaseUnavailableError('start', true, cause));
    await this.#listener.stop();
  }

  async #empty(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    while (!this.#workers.areEmpty && performance.now() < deadline)
      await this.#bell.heard(deadline - performance.now());
  }

  /** What cannot be settled is taken over by others when its lease is over. */
  async #settleRest(deadline: number): Promise<void> {
    while (this.#settleLoop.unsettled > 0 && performance.now() < deadline)
      await this.#bell.heard(deadline - performance.now());
  }

  #couldNotLeave(error: unknown): void {
    const { logger, database } = this.#settings.core;
    logger.warn('pgconductor: stopped without the database', failureFields(error, database.sql));
  }

  /** Goes on when nobody waits for it any more, until another start has begun. */
  async #leave(opening: Opening): Promise<void> {
    const loops = this.#loops.map((loop) => loop.stop());
    await Promise.all([this.#observation?.stop(), this.#listener.stop(), ...loops]);
    if (this.#isFollowed(opening)) return;
    await this.#heartbeat.beat();
    await this.#deregister(opening);
  }

  async #deregister(opening: Opening): Promise<void> {
    if (this.#isFollowed(opening)) return;
    const { database, queries } = this.#settings.core;
    const request = JSON.stringify({ worker: this.#id, told: this.#heartbeat.told });
    try {
      await query(database.sql, queries.leave, [request], (error) => {
        if (this.#isFollowed(opening)) throw error;
        return undefined;
      });
    } finally {
      // It may have removed what was registered meanwhile: one of the loops makes that good.
      if (this.#isFollowed(opening)) for (const loop of this.#loops) loop.soon();
    }
  }

  /** Whether another start has begun since: what belonged to this one belongs to that one. */
  #isFollowed(opening: Opening): boolean {
    return this.#opening !== undefined && this.#opening !== opening;
  }
}
