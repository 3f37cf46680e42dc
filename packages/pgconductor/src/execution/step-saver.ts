import { DatabaseUnavailableError } from '../database/database-unavailable-error.ts';
import type { EngineQueries } from '../database/engine-queries.ts';
import { query } from '../database/query.ts';
import type { SqlClient } from '../database/sql-client.ts';
import { LeaseLostError } from './lease-lost-error.ts';

/** The run whose step is saved. */
export interface StepOwner {
  /** Of the execution. */
  readonly id: number;
  readonly batch: { readonly lease: number };
  /** Whether something of the run has been sent to be kept. */
  hasStored: boolean;
  readonly isAborted: boolean;
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

interface Save {
  readonly owner: StepOwner;
  /** A row of the function `save_steps`, as JSON. */
  readonly row: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const mostSaves = 500;
const mostCharacters = 8 * 2 ** 20;
const inFlight = 2;

/**
 * Brings steps to the database, those of all runs together: one statement takes all that wait.
 *
 * It leaves at the end of the turn in which the first one came. While one is on its way, a second one leaves only with as many
 * steps: smaller groups would cost the server more than they save anybody.
 */
export class StepSaver {
  readonly #sql: SqlClient;
  readonly #queries: EngineQueries;
  #waiting: Save[] = [];
  #flying = 0;
  #flyingSaves = 0;
  #isScheduled = false;
  #hasGivenUp = false;

  constructor(sql: SqlClient, queries: EngineQueries) {
    this.#sql = sql;
    this.#queries = queries;
  }

  /**
   * Resolves when it is stored, which it is only as long as the run has its lease.
   *
   * @param fields of the row, as JSON without the outer braces
   * @throws LeaseLostError `THROUGHLINE_PGCONDUCTOR_LEASE_LOST`
   */
  save(owner: StepOwner, fields: string): Promise<void> {
    owner.hasStored = true;
    return new Promise((resolve, reject) => {
      const row = `{"id":${owner.id},"lease":${owner.batch.lease},${fields}}`;
      this.#waiting.push({ owner, row, resolve, reject });
      this.#schedule();
    });
  }

  /** Does not send again what is on its way: the database does not answer, and the process has to end. */
  giveUp(): void {
    this.#hasGivenUp = this.#flying > 0;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#flying < inFlight) {
      if (this.#flying > 0 && this.#waiting.length < this.#flyingSaves) return;
      void this.#send(this.#take());
    }
  }

  #take(): Save[] {
    let [count, characters] = [0, 0];
    for (const { row } of this.#waiting) {
      characters += row.length;
      if (count > 0 && (count === mostSaves || characters > mostCharacters)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #send(saves: readonly Save[]): Promise<void> {
    this.#flying += 1;
    this.#flyingSaves += saves.length;
    try {
      await this.#store(saves);
    } catch (error) {
      await this.#isolate(saves, error);
    }
    this.#flying -= 1;
    this.#flyingSaves -= saves.length;
    this.#hasGivenUp &&= this.#flying > 0;
    this.#flush();
  }

  async #store(saves: readonly Save[]): Promise<void> {
    const request = `{"steps":[${saves.map(({ row }) => row).join(',')}]}`;
    const statement = { ...this.#queries.saveSteps, retries: Number.POSITIVE_INFINITY };
    const { answer } = await query<{ answer: string | null }>(this.#sql, statement, [request], (error) => {
      if (this.#hasGivenUp) throw new DatabaseUnavailableError(statement.label, true, error);
      return undefined;
    });
    const held = answer === null ? undefined : new Set<number>(JSON.parse(answer));
    for (const { owner, resolve, reject } of saves)
      if (held === undefined || held.has(owner.id)) resolve();
      else reject(loseLease(owner));
  }

  /** One that the database refuses must not take the others along. */
  async #isolate(saves: readonly Save[], error: unknown): Promise<void> {
    const isAlone = saves.length === 1 || error instanceof DatabaseUnavailableError;
    for (const save of saves)
      if (isAlone) save.reject(error);
      else await this.#store([save]).catch(save.reject);
  }
}

function loseLease(owner: StepOwner): unknown {
  if (!owner.isAborted) owner.abort(new LeaseLostError());
  return owner.signal.reason;
}
