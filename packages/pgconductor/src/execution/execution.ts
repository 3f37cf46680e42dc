import type { TraceContext } from '@throughline/core';
import type { Logger } from '../task/logger.ts';
import type { InvokedTask, TaskCatalog } from '../task/task-catalog.ts';
import type { ClaimedBatch } from './claimed-batch.ts';
import { DurableRun } from './durable-run.ts';
import type { EngineCommands } from './engine-commands.ts';
import { type CommittedOutcome, completed, type Outcome } from './outcome.ts';
import type { RunnableTask } from './runnable-task.ts';
import type { StepSaver } from './step-saver.ts';
import { untraced } from './untraced.ts';

/** What every execution of an orchestrator shares. */
export interface ExecutionHost {
  /** Id of the orchestrator. */
  readonly worker: string;
  readonly catalog: TaskCatalog;
  readonly commands: EngineCommands;
  readonly steps: StepSaver;
  readonly logger: Logger;
  readonly maxPayloadBytes: number;
  /** What handlers are given, with what the application adds to it. */
  readonly Context: new (
    execution: Execution,
  ) => object;
  /** Makes one; another kind of it where telemetry listens. */
  execution(batch: ClaimedBatch, place: number, task: RunnableTask): Execution;
  /** Whether the orchestrator claims no more. */
  isStopping(): boolean;
  /** Called once for each execution, by whatever ends its run first. */
  ended(execution: Execution): void;
}

/** Ids of the children that an execution waits for, by the names that it gave them. */
export type ChildIds = Readonly<Record<string, number>>;

/** A call of the handler that several executions share. */
export interface SharedRun {
  /** Whether it was started and all its members have ended. */
  readonly isOver: boolean;
  /** A member was told to stop. */
  aborted(member: Execution, reason: unknown): void;
  /** A member has ended. */
  ended(member: Execution): void;
}

/**
 * One run of an execution: what its worker knows of it, from the claim to the settled row. One small object per job, whose
 * expensive members are made when somebody asks for them.
 */
export class Execution {
  readonly host: ExecutionHost;
  readonly batch: ClaimedBatch;
  /** Its place in the batch. */
  readonly place: number;
  readonly task: RunnableTask;
  /** How the run ended; `undefined` while it lasts. */
  outcome: Outcome | undefined = undefined;
  /** What the handler returned, as JSON; `undefined` for nothing. */
  result: string | undefined = undefined;
  /** Whether this run has sent something to be kept. */
  hasStored = false;
  /** Ends the run when it takes too long. */
  timer: ReturnType<typeof setTimeout> | undefined = undefined;
  /** The call that it shares with others. */
  run: SharedRun | undefined = undefined;
  /** Made when a handler asks for something durable. */
  durableRun: DurableRun | undefined = undefined;
  #abort: AbortController | undefined = undefined;

  constructor(host: ExecutionHost, batch: ClaimedBatch, place: number, task: RunnableTask) {
    this.host = host;
    this.batch = batch;
    this.place = place;
    this.task = task;
  }

  get id(): number {
    return this.batch.ids[this.place] ?? 0;
  }

  /** Which claim this is, from 1. */
  get attempt(): number {
    return this.batch.attemptOf(this.id);
  }

  /** How often it has failed before. */
  get failures(): number {
    return this.batch.failuresOf(this.id);
  }

  get payload(): unknown {
    const payload = this.batch.payloads[this.place];
    return payload === null && this.batch.isWithoutPayload(this.id) ? undefined : payload;
  }

  get eventName(): string {
    return this.batch.triggerOf(this.id) ?? this.task.eventName;
  }

  /** Whether another execution waits for it. */
  get hasParent(): boolean {
    return this.batch.hasParent(this.id);
  }

  /** Whether there may be something kept that has to go with it. */
  get hasSteps(): boolean {
    return this.hasStored || this.batch.stepsOf(this.id) !== undefined;
  }

  get durable(): DurableRun {
    this.durableRun ??= new DurableRun(this, this.batch.stepsOf(this.id));
    return this.durableRun;
  }

  /** Made when a handler asks for it: most never do. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  /** Asks the handler to stop. */
  abort(reason: unknown): void {
    this.#abort ??= new AbortController();
    if (this.#abort.signal.aborted) return;
    this.#abort.abort(reason);
    this.run?.aborted(this, reason);
  }

  get isAborted(): boolean {
    return this.#abort?.signal.aborted === true;
  }

  /** Called before anything of the run happens. */
  begin(): void {}

  /** Calls the handler. */
  call(event: unknown, context: unknown): unknown {
    return this.task.handler(event, context);
  }

  /** Of the span of this run. */
  get trace(): TraceContext {
    return untraced;
  }

  get logger(): Logger {
    return this.host.logger;
  }

  /** Does the work of a step. */
  runStep(_name: string, work: () => unknown): unknown {
    return work();
  }

  /** A step was asked for whose result is kept. */
  stepKept(_name: string): void {}

  /** What a child carries that this run asks for. */
  invoking(_name: string, _task: InvokedTask, _payload: unknown): object | undefined {
    return undefined;
  }

  /** Of the span of this run while it lasts, for whoever has to take over; `undefined` for nothing that is kept. */
  get carrier(): object | undefined {
    return undefined;
  }

  /** What the row is to remember of this run, for the next one. */
  get lastTrace(): object | undefined {
    return undefined;
  }

  /** Called once, when the row is committed, or when it is certain that this run never will do that. */
  settled(_outcome: CommittedOutcome, _children?: ChildIds): void {}

  /** Ends the run; whoever comes first decides how. */
  end(outcome: Outcome): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    this.#over();
  }

  complete(result: string | undefined): void {
    if (this.outcome !== undefined) return;
    this.result = result;
    this.outcome = completed;
    this.#over();
  }

  #over(): void {
    if (this.timer !== undefined) clearTimeout(this.timer);
    if (this.run !== undefined) this.run.ended(this);
    this.host.ended(this);
  }
}
