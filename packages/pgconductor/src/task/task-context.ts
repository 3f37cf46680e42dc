import type { TraceContext } from '@throughline/core';
import type {
  ConductorTypes,
  EventName,
  EventPayloadOf,
  PayloadOf,
  ReceivedEventOf,
  ResultOf,
  TaskName,
} from './conductor-types.ts';
import type { Logger } from './logger.ts';
import type { Stored } from './stored.ts';

/** What every handler is given, of one execution or of a batch. */
export interface HandlerContext<Types extends ConductorTypes = ConductorTypes> {
  /** Writes with the ids of the trace, so that log and trace are found from each other. */
  readonly logger: Logger;
  /**
   * Aborts when the execution is cancelled, has run out of time, or must stop because its orchestrator does. Give it to
   * whatever waits. A handler that is put to sleep is not aborted.
   */
  readonly signal: AbortSignal;
  /** Of the span of this run; all zero when nothing is traced. */
  readonly trace: TraceContext;
  /**
   * Emits an event of the application.
   *
   * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
   */
  emit<Name extends EventName<Types>>(event: Name, payload: EventPayloadOf<Types, Name>): Promise<void>;
  /**
   * Invokes a task again and again from now on, until {@link HandlerContext.unschedule}. A schedule of that task and name that
   * exists is replaced.
   *
   * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for an expression or a time zone that cannot be meant
   * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
   */
  schedule<Name extends TaskName<Types>>(
    task: TaskReference<Name>,
    schedule: ScheduleOptions,
    ...payload: PayloadArgument<PayloadOf<Types, Name>>
  ): Promise<void>;
  /** Ends a schedule; `false` when there was none. What it has invoked already still runs. */
  unschedule<Name extends TaskName<Types>>(task: TaskReference<Name>, schedule: string): Promise<boolean>;
  /** Cancels an execution; `false` when it had ended, or never was. */
  cancel(executionId: string, options?: CancelOptions): Promise<boolean>;
}

/** What the handler of one execution is given. */
export interface TaskContext<Types extends ConductorTypes = ConductorTypes> extends HandlerContext<Types> {
  /** Decimal digits; the same for all attempts. */
  readonly executionId: string;
  /** Which start this is, from 1: retries, sleeps and waits all begin another one. */
  readonly attempt: number;
  /**
   * Runs `work` once in the life of the execution and keeps its result: when the handler runs again, after a failure or a
   * sleep, it is given that result and `work` is not called.
   *
   * The result is what JSON keeps of it, the first time as later. Work that fails is not kept. Work that ends but whose
   * result could not be stored, because the process dies just then, runs again: make it idempotent, with
   * `executionId` and the name for a key.
   *
   * @param name unique within the execution, and the same at each run: in a loop with the item in it
   * @throws StepNestedError `THROUGHLINE_PGCONDUCTOR_STEP_NESTED`, from work that sleeps, waits or invokes
   * @throws StepRepeatedError `THROUGHLINE_PGCONDUCTOR_STEP_REPEATED` for a name that this run has used before
   * @throws StepMismatchError `THROUGHLINE_PGCONDUCTOR_STEP_MISMATCH`
   * @throws ValueUnstorableError `THROUGHLINE_PGCONDUCTOR_VALUE_UNSTORABLE`
   */
  step<Result>(name: string, work: () => Result | Promise<Result>): Promise<Stored<Result>>;
  /**
   * Puts the execution to sleep, without a worker: the handler runs again from its beginning afterwards, and passes.
   *
   * @param name unique within the execution, and the same at each run
   * @param until milliseconds from now, or an instant
   */
  sleep(name: string, until: number | Date): Promise<void>;
  /**
   * Lets the engine stop the handler here if it wants to: for a shutdown, a cancellation, or the end of its window. While a
   * step goes on only a cancellation stops it.
   */
  checkpoint(): Promise<void>;
  /**
   * Invokes another task and waits for what it returns, without a worker. Children that are invoked together, in one
   * `Promise.all`, run together.
   *
   * @param name unique within the execution, and the same at each run
   * @throws ChildFailedError `THROUGHLINE_PGCONDUCTOR_CHILD_FAILED` when the child failed for good or was cancelled; a handler
   * that does not catch it has failed for good
   * @throws WaitTimeoutError `THROUGHLINE_PGCONDUCTOR_WAIT_TIMEOUT` after `timeoutMs`; the child is cancelled then
   * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
   */
  invoke<Name extends TaskName<Types>>(
    name: string,
    task: TaskReference<Name>,
    ...payload: PayloadArgument<PayloadOf<Types, Name>, ChildOptions>
  ): Promise<ResultOf<Types, Name>>;
  /**
   * Waits for the next event of that name, without a worker, and gives its payload. Events from before the wait began do not
   * count.
   *
   * @param name unique within the execution, and the same at each run
   * @throws WaitTimeoutError `THROUGHLINE_PGCONDUCTOR_WAIT_TIMEOUT` after `timeoutMs`
   */
  waitForEvent<Name extends EventName<Types>>(
    name: string,
    options: WaitForEventOptions<Types, Name>,
  ): Promise<ReceivedEventOf<Types, Name>>;
}

/** What the handler of a batch is given. */
export interface BatchContext<Types extends ConductorTypes = ConductorTypes> extends HandlerContext<Types> {
  /** One for each event, in the same order. */
  readonly executions: readonly BatchedExecution[];
}

/** One execution of a batch. */
export interface BatchedExecution {
  /** Decimal digits; the same for all attempts. */
  readonly executionId: string;
  /** Which start this is, from 1. */
  readonly attempt: number;
}

/** A task by its name. A definition is one. */
export interface TaskReference<Name extends string = string> {
  readonly name: Name;
}

/** The payload of an invocation, which may be left out where it may be `undefined`, and what follows it. */
export type PayloadArgument<Payload, Options = never> = undefined extends Payload
  ? [payload?: Payload, ...options: OptionsArgument<Options>]
  : [payload: Payload, ...options: OptionsArgument<Options>];
type OptionsArgument<Options> = [Options] extends [never] ? [] : [options?: Options | undefined];

/** How a handler waits for a child. */
export interface ChildOptions {
  /** How long to wait; milliseconds from 1. @default as long as it takes */
  readonly timeoutMs?: number | undefined;
  /** Lower comes first. @default that of the parent */
  readonly priority?: number | undefined;
}

/** What to wait for. */
export interface WaitForEventOptions<Types extends ConductorTypes, Name extends EventName<Types>> {
  readonly event: Name;
  /** What the payload must contain, compared as JSON: `{ orderId: 5 }`. @default nothing in particular */
  readonly matching?: Partial<EventPayloadOf<Types, Name>> | undefined;
  /** How long to wait; milliseconds from 1. @default as long as it takes */
  readonly timeoutMs?: number | undefined;
}

/** When a task is invoked again and again. */
export interface ScheduleOptions {
  /** Unique among the schedules of the task. */
  readonly name: string;
  /** `minute hour day month weekday`, or the same with seconds before them. */
  readonly cron: string;
  /** An IANA time zone. @default 'UTC' */
  readonly timeZone?: string | undefined;
}

/** How an execution is cancelled. */
export interface CancelOptions {
  /** Kept with the execution, for people. */
  readonly reason?: string | undefined;
}
