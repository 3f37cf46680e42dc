import type { EngineQueries } from '../database/engine-queries.ts';
import { query } from '../database/query.ts';
import type { SqlClient } from '../database/sql-client.ts';

const coalesceMs = 5;

/**
 * Wakes idle workers after invocations have been committed: at once after the first, then with one statement per task and
 * few milliseconds, however many invocations there are. NOTIFY holds a lock of the whole database until its transaction ends,
 * so one in each invocation would let them commit one after another.
 *
 * It may fail in silence: workers also look by themselves.
 */
export class WakeNotifier {
  readonly #sql: SqlClient;
  readonly #queries: EngineQueries;
  readonly #waiting = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;
  #sending: Promise<unknown> = Promise.resolve();

  constructor(sql: SqlClient, queries: EngineQueries) {
    this.#sql = sql;
    this.#queries = queries;
  }

  /** @param queue of the task, where the database does not know better */
  soon(task: string, queue: string): void {
    this.#waiting.set(task, queue);
    if (this.#timer !== undefined) return;
    const pause = this.#sentAt + coalesceMs - performance.now();
    if (pause <= 0) this.#send();
    else this.#timer = setTimeout(() => this.#send(), pause);
  }

  /** Resolves when what was asked for has been sent. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#send();
    await this.#sending;
  }

  #send(): void {
    this.#timer = undefined;
    this.#sentAt = performance.now();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    const sent = waiting.map((parameters) =>
      query(this.#sql, this.#queries.wake, parameters).catch(() => {}),
    );
    const before = this.#sending;
    this.#sending = Promise.all(sent).then(() => before);
  }
}
