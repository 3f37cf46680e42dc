import { describeError } from '@throughline/core';
import { DatabaseUnavailableError } from '../database/database-unavailable-error.ts';
import type { EngineQueries } from '../database/engine-queries.ts';
import { failureKind } from '../database/failure-kind.ts';
import { type Query, query } from '../database/query.ts';
import type { SqlClient } from '../database/sql-client.ts';
import type { ClaimedBatch } from '../execution/claimed-batch.ts';
import type { ChildIds, Execution } from '../execution/execution.ts';
import { logFailure } from '../execution/log-failure.ts';
import type { CommittedOutcome } from '../execution/outcome.ts';
import type { Logger } from '../task/logger.ts';
import { completeParameters, settleParameters } from './outcome-rows.ts';

/** What a {@link SettleLoop} needs. */
export interface SettleLoopOptions {
  readonly sql: SqlClient;
  readonly queries: EngineQueries;
  readonly logger: Logger;
  /** The most executions of one statement. */
  readonly batchSize: number;
  /** Statements in flight. */
  readonly inFlight: number;
  /** Called after each statement, for whoever waits for room. */
  onFlushed(): void;
  /** Told of each batch, when somebody wants to know. */
  readonly onSent?: ((batch: readonly Execution[], startedAt: number) => void) | undefined;
}

/** What became of an execution, when it is due again: milliseconds since the epoch, and the children that it waits for. */
type Settled = readonly [
  id: number,
  outcome: CommittedOutcome,
  attempt?: number,
  dueAt?: number | null,
  children?: ChildIds,
];

const maxBatchBytes = 8 * 2 ** 20;

/**
 * Brings outcomes to the database in batches, in the order in which the runs ended.
 *
 * A statement leaves at the end of the turn of the event loop in which an outcome came, and takes all that came meanwhile.
 * While one is on its way a second one leaves only with half a batch at least: many small statements cost more than the
 * wait. Nobody who claims or runs waits for any of this.
 */
export class SettleLoop {
  readonly #options: SettleLoopOptions;
  #done: Execution[] = [];
  #other: Execution[] = [];
  #bytes = 0;
  #flying = 0;
  #unsettled = 0;
  #isScheduled = false;
  #finishedLeases: number[] = [];
  #hasGivenUp = false;

  constructor(options: SettleLoopOptions) {
    this.#options = options;
  }

  /** Executions whose run has ended and whose row does not show it yet. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** Leases of which nothing is left, to be removed; each is told once. */
  takeFinishedLeases(): readonly number[] {
    const leases = this.#finishedLeases;
    if (leases.length > 0) this.#finishedLeases = [];
    return leases;
  }

  /** Leases that could not be removed after all. */
  putBackFinishedLeases(leases: readonly number[]): void {
    this.#finishedLeases.push(...leases);
  }

  /** Sends nothing again from now on: the database does not answer, and the process has to end. */
  giveUp(): void {
    this.#hasGivenUp = this.#unsettled > 0;
  }

  push(execution: Execution): void {
    this.#unsettled += 1;
    const { result } = execution;
    if (result !== undefined) this.#bytes += result.length;
    const isDone = isPlain(execution);
    const count = isDone ? this.#done.push(execution) : this.#other.push(execution);
    if (count >= this.#options.batchSize || this.#bytes >= maxBatchBytes) this.#flush();
    else if (!this.#isScheduled) this.#schedule();
  }

  #schedule(): void {
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const { inFlight, batchSize } = this.#options;
    while (this.#flying < inFlight) {
      const waiting = this.#done.length + this.#other.length;
      if (waiting === 0 || (this.#flying > 0 && waiting < batchSize / 2)) return;
      void this.#send();
    }
  }

  async #send(): Promise<void> {
    const isDone = this.#done.length >= this.#other.length;
    const batch = this.#take(isDone);
    const { onSent } = this.#options;
    const startedAt = onSent === undefined ? 0 : performance.now();
    this.#flying += 1;
    try {
      await (isDone ? this.#complete(batch) : this.#settle(batch));
    } catch (error) {
      await this.#isolate(batch, error);
    }
    onSent?.(batch, startedAt);
    this.#flying -= 1;
    this.#unsettled -= batch.length;
    this.#hasGivenUp &&= this.#unsettled > 0;
    this.#flush();
    this.#options.onFlushed();
  }

  #take(isDone: boolean): Execution[] {
    const from = isDone ? this.#done : this.#other;
    const batch = from.length <= this.#options.batchSize ? from : from.splice(0, this.#options.batchSize);
    if (batch === from && isDone) this.#done = [];
    else if (batch === from) this.#other = [];
    this.#bytes = 0;
    return isDone ? this.#onceEach(batch) : batch;
  }

  /** A statement tells rows by their ids: of two runs of one execution the earlier, which was lost, has to wait. */
  #onceEach(batch: Execution[]): Execution[] {
    const ids = new Set<number>();
    for (const { id } of batch) ids.add(id);
    if (ids.size === batch.length) return batch;
    const latest = new Map(batch.map((execution) => [execution.id, execution]));
    this.#done.unshift(...batch.filter((execution) => latest.get(execution.id) !== execution));
    return [...latest.values()];
  }

  async #complete(batch: readonly Execution[]): Promise<void> {
    const settled = await this.#sent(this.#options.queries.complete, completeParameters(batch));
    if (settled.answer === null) return this.#confirmAll(batch, 'completed');
    const ids = JSON.parse(settled.answer) as number[];
    const rows = ids.map((id): Settled => [id, 'completed']);
    await this.#confirmEach(batch, byId(rows), settled.isAmbiguous);
  }

  async #settle(batch: readonly Execution[]): Promise<void> {
    const { answer, isAmbiguous } = await this.#sent(this.#options.queries.settle, settleParameters(batch));
    await this.#confirmEach(batch, settledIn(answer), isAmbiguous);
  }

  /** With whether an answer was lost on the way: then what is not in this one may have been settled all the same. */
  async #sent(
    statement: Query,
    parameters: string[],
  ): Promise<{ answer: string | null; isAmbiguous: boolean }> {
    let isAmbiguous = false;
    const answer = await this.#persistently(statement, parameters, (error) => {
      isAmbiguous ||= failureKind(error) === 'unknown';
    });
    return { answer, isAmbiguous };
  }

  async #confirmEach(
    batch: readonly Execution[],
    settled: ReadonlyMap<number, Settled>,
    isAmbiguous: boolean,
  ): Promise<void> {
    const before = isAmbiguous
      ? await this.#settledBefore(batch.filter(({ id }) => !settled.has(id)))
      : settled;
    for (const execution of batch) {
      const row = settled.get(execution.id) ?? before.get(execution.id);
      const outcome = row?.[1] ?? 'lost';
      if (outcome === 'failed' || outcome === 'dead') logFailure(execution, outcome, row?.[3]);
      this.#confirm(execution, outcome, row?.[4]);
    }
  }

  async #settledBefore(batch: readonly Execution[]): Promise<ReadonlyMap<number, Settled>> {
    const runs = batch.map(({ id, attempt, batch: { lease }, outcome }) => ({
      id,
      lease,
      attempt,
      outcome: outcome?.kind,
    }));
    const { queries } = this.#options;
    return settledIn(await this.#persistently(queries.settledBefore, [JSON.stringify({ runs })]));
  }

  /** As long as the database does not answer, until told to give up: the work is done, and must not be done again. */
  async #persistently(
    statement: Query,
    parameters: string[],
    onRetry?: (error: unknown) => void,
  ): Promise<string | null> {
    const forEver = { ...statement, retries: Number.POSITIVE_INFINITY };
    const { answer } = await query<{ answer: string | null }>(
      this.#options.sql,
      forEver,
      parameters,
      (error) => {
        if (this.#hasGivenUp) throw new DatabaseUnavailableError(statement.label, true, error);
        onRetry?.(error);
        return undefined;
      },
    );
    return answer;
  }

  #confirmAll(batch: readonly Execution[], outcome: CommittedOutcome): void {
    for (const execution of batch) this.#confirm(execution, outcome);
  }

  #confirm(execution: Execution, outcome: CommittedOutcome, children?: ChildIds): void {
    this.#close(execution.batch);
    execution.settled(outcome, children);
  }

  #close(batch: ClaimedBatch): void {
    batch.open -= 1;
    if (batch.open === 0 && !batch.isForsaken) this.#finishedLeases.push(batch.lease);
  }

  /**
   * Halves a batch that the database refuses until the one is alone that it refuses. That one fails for good with what the
   * database said: every other try would end the same.
   */
  async #isolate(batch: readonly Execution[], error: unknown): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    if (error instanceof DatabaseUnavailableError) return this.#forsake(batch);
    if (batch.length === 1) return this.#bury(first, error);
    const middle = batch.length >> 1;
    for (const half of [batch.slice(0, middle), batch.slice(middle)])
      try {
        await (isPlain(first) ? this.#complete(half) : this.#settle(half));
      } catch (reason) {
        await this.#isolate(half, reason);
      }
  }

  async #bury(execution: Execution, error: unknown): Promise<void> {
    const said = describeError(error).message.replaceAll('\0', '');
    execution.outcome = {
      kind: 'dead',
      error: new Error(`The database refuses what the run came to: ${said}`),
    };
    try {
      await this.#settle([execution]);
    } catch (reason) {
      const about = { task: execution.task.name, executionId: String(execution.id), error };
      this.#options.logger.error('pgconductor: the database refuses an outcome, and that it failed', {
        ...about,
        reason,
      });
      this.#forsake([execution]);
    }
  }

  /** Recovery will find them when their lease is over. */
  #forsake(batch: readonly Execution[]): void {
    for (const execution of batch) {
      execution.batch.isForsaken = true;
      this.#confirm(execution, 'lost');
    }
  }
}

function settledIn(answer: string | null): ReadonlyMap<number, Settled> {
  return byId(JSON.parse(answer ?? '[]'));
}

function byId(rows: readonly Settled[]): ReadonlyMap<number, Settled> {
  return new Map(rows.map((row) => [row[0], row]));
}

/** Whether it is done, and nobody waits for it. */
function isPlain({ outcome, hasParent }: Execution): boolean {
  return outcome?.kind === 'completed' && !hasParent;
}
