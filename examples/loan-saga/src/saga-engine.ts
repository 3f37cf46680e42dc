import type { TraceContext } from '@throughline/core';
import type { LoanApplication } from './loan-application.ts';
import type { RiskDecision } from './outside-world/risk-model.ts';
import type { SagaJob } from './saga-jobs.ts';

/** What carries the work of the saga between its processes: BullMQ on Redis, or pgconductor on PostgreSQL. */
export interface SagaEngine {
  /** Takes applications in. */
  openInbox(): Promise<SagaInbox>;
  /** Runs the saga of every application that comes in. */
  runSagas(runSaga: RunSaga): Promise<Stoppable>;
  /** Does the jobs of one service, all of one queue. */
  serve(work: readonly [ServiceWork, ...ServiceWork[]]): Promise<Stoppable>;
  /** Ends what it opened; what it gave has been stopped before. */
  close(): Promise<void>;
}

/** What stops taking work, and waits for work in progress. */
export interface Stoppable {
  stop(): Promise<void>;
}

/** Where applications come in. */
export interface SagaInbox extends Stoppable {
  /** @returns the id of the work, by which the engine and its traces know it */
  submit(application: LoanApplication): Promise<string>;
  /** Whether the saga with that id has come to its end. */
  hasEnded(id: string): Promise<boolean>;
}

/** How a service does one of its jobs. */
export interface ServiceWork {
  readonly job: SagaJob;
  /** Ms until it can be done; asked before it is begun. @default it can be done at once */
  readonly lockedFor?: ((application: LoanApplication) => Promise<number>) | undefined;
  readonly run: (application: LoanApplication) => Promise<unknown>;
}

/** The story of one application. What it throws is final. */
export type RunSaga = (saga: Saga, application: LoanApplication) => Promise<{ approved: boolean }>;

/**
 * What a saga asks of its engine. Each stage is a span of that name, so that the ledger knows what was done and undone.
 *
 * An engine may run the story again from its beginning, as a durable one does; what has been done is not done again then.
 */
export interface Saga {
  /** Does a stage in this process, which nothing has to undo. */
  stage(name: string, work: () => Promise<void>): Promise<void>;
  /** Has a stage done by a service, after other jobs of it, and waits for the result. */
  stageElsewhere<R>(name: string, job: SagaJob, after?: readonly SagaJob[]): Promise<DoneStage<R>>;
  /** Has a stage undone by a service, and waits. */
  compensate(name: string, stage: DoneStage<unknown>, job: SagaJob): Promise<void>;
  /** Has a job done every day from now on, and waits for that of today. */
  everyDay(job: SagaJob): Promise<void>;
  /** Decides once, and writes down what and why. */
  decide(eventType: string, decide: () => RiskDecision): Promise<RiskDecision>;
}

/** A stage that went well, and its span. */
export interface DoneStage<R> {
  readonly result: R;
  readonly span: TraceContext;
}
