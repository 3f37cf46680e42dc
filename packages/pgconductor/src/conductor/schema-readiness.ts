import type { Database } from '../database/database.ts';
import { isMigrated, migrate } from '../database/migrate.ts';
import type { SqlClient } from '../database/sql-client.ts';
import type { Logger } from '../task/logger.ts';

/** Brings the schema up to date when it is first needed, or when it is asked to. */
export class SchemaReadiness {
  readonly #database: Database;
  readonly #logger: Logger;
  #isReady: boolean;
  #migration: Promise<void> | undefined;

  constructor(database: Database, logger: Logger, mayMigrate: boolean) {
    this.#database = database;
    this.#logger = logger;
    this.#isReady = !mayMigrate;
  }

  /**
   * Does it once; again only after it failed. Who holds a transaction is given an answer over it where the schema is there
   * already: all connections may be held by such as wait for this, and a migration that has begun may wait for one of them.
   */
  async ready(transaction?: SqlClient | undefined): Promise<void> {
    if (this.#isReady) return;
    if (transaction !== undefined && (await isMigrated(transaction, this.#database))) {
      this.#isReady = true;
      return;
    }
    this.#migration ??= this.#migrateOnce();
    await this.#migration;
  }

  /** @returns the names of the migrations that were applied */
  async migrate(): Promise<readonly string[]> {
    const applied = await migrate(this.#database);
    this.#isReady = true;
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
      this.#isReady = true;
    } finally {
      this.#migration = undefined;
    }
  }
}
