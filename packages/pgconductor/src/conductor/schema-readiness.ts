import type { Database } from '../database/database.ts';
import { isMigrated, migrate } from '../database/migrate.ts';
import type { SqlClient } from '../database/sql-client.ts';
import type { Logger } from '../task/logger.ts';

/** Brings the schema up to date when it is first needed, or when it is asked to. */
export class SchemaReadiness {
  readonly #database: Database;
  readonly #logger: Logger;
  #done: Promise<unknown> | undefined;

  constructor(database: Database, logger: Logger, mayMigrate: boolean) {
    this.#database = database;
    this.#logger = logger;
    this.#done = mayMigrate ? undefined : Promise.resolve();
  }

  /**
   * Does it once; again only after it failed. Who holds a transaction is given an answer over it where the schema is there
   * already: all connections may be held by such as wait for this.
   */
  async ready(transaction?: SqlClient | undefined): Promise<void> {
    if (
      this.#done === undefined &&
      transaction !== undefined &&
      (await isMigrated(transaction, this.#database))
    )
      this.#done ??= Promise.resolve();
    this.#done ??= this.#migrateOnce();
    await this.#done;
  }

  /** @returns the names of the migrations that were applied */
  async migrate(): Promise<readonly string[]> {
    const applied = await migrate(this.#database);
    this.#done = Promise.resolve();
    return applied;
  }

  async #migrateOnce(): Promise<void> {
    try {
      await migrate(this.#database, {
        onWaiting: (workers) =>
          this.#logger.warn('pgconductor: a migration waits for workers of the version before to leave', {
            workers,
          }),
      });
    } catch (error) {
      this.#done = undefined;
      throw error;
    }
  }
}
