import type { ConductorCore } from '../conductor/conductor-core.ts';
import type { OutageReport } from '../conductor/outage-report.ts';
import { failureFields } from '../database/failure-fields.ts';
import { within } from '../database/within.ts';
import { Bell } from './bell.ts';
import { ListeningConnection } from './listening-connection.ts';

/** What is said on the channel of a schema. */
export interface Word {
  /** In that queue there is something to do. */
  readonly queue?: string | undefined;
  /** There is a signal for the worker of that id. */
  readonly worker?: string | undefined;
}

/** How long a start waits for it, */
const startPatienceMs = 2_000;
/** and how long one connection is waited for. */
const patienceMs = 10_000;
const pauseMs = 1_000;
/** Once it has listened, that it cannot is told after so many tries. */
const missesTold = 5;

/**
 * Hears at once what others tell with NOTIFY. While it cannot, work is found by looking, and it tries again and again. Behind a
 * pooler that gives each transaction another connection nothing is heard, either.
 */
export class Listener {
  readonly #core: ConductorCore;
  readonly #report: OutageReport;
  readonly #onWord: (word: Word) => void;
  readonly #onListening: () => void;
  readonly #bell = new Bell();
  #connection: ListeningConnection | undefined;
  #isStopped = true;
  #misses = 0;
  #hasListened = false;
  #isTold = false;

  /** @param onListening called when it listens, and again after each loss of the connection: words may have been missed */
  constructor(
    core: ConductorCore,
    report: OutageReport,
    onWord: (word: Word) => void,
    onListening: () => void,
  ) {
    this.#core = core;
    this.#report = report;
    this.#onWord = onWord;
    this.#onListening = onListening;
  }

  /** Resolves when it listens, or when the work had better begin without. Never rejects. */
  async start(): Promise<void> {
    this.#isStopped = false;
    const connection = this.#connect();
    void this.#keep(connection);
    await this.#opensWithin(startPatienceMs, connection);
  }

  async stop(): Promise<void> {
    const connection = this.#connection;
    this.#isStopped = true;
    this.#connection = undefined;
    this.#bell.ring();
    await connection?.end();
  }

  #connect(): ListeningConnection {
    const { database, queries } = this.#core;
    const heard = (payload: string): void => this.#onWord(JSON.parse(payload) as Word);
    this.#connection = new ListeningConnection(database.sql, queries.channel, heard);
    return this.#connection;
  }

  async #keep(first: ListeningConnection): Promise<void> {
    for (let connection = first; ; connection = this.#connect()) {
      if (await this.#opensWithin(patienceMs, connection)) await this.#listens(connection);
      await connection.end();
      if (this.#isWanted(connection)) await this.#bell.heard(pauseMs * (0.75 + Math.random() / 2));
      if (!this.#isWanted(connection)) return;
    }
  }

  /** After a stop, another start has a connection of its own. */
  #isWanted(connection: ListeningConnection): boolean {
    return !this.#isStopped && this.#connection === connection;
  }

  async #listens(connection: ListeningConnection): Promise<void> {
    if (!this.#isWanted(connection)) return;
    if (this.#isTold) this.#core.logger.info('pgconductor: listens again');
    this.#isTold = false;
    this.#hasListened = true;
    this.#misses = 0;
    this.#onListening();
    await connection.lost;
  }

  /** @returns whether it listens by then */
  async #opensWithin(ms: number, connection: ListeningConnection): Promise<boolean> {
    try {
      await within(ms, connection.opened);
      return true;
    } catch (error) {
      if (this.#isWanted(connection)) this.#miss(error);
      return false;
    }
  }

  /** A database that is away altogether is told of elsewhere. */
  #miss(error: unknown): void {
    if (this.#isTold || this.#report.isAway) return;
    this.#misses += 1;
    if (this.#hasListened && this.#misses < missesTold) return;
    this.#isTold = true;
    const { logger, database } = this.#core;
    logger.warn(
      'pgconductor: cannot listen, so work is found by looking only',
      failureFields(error, database.sql),
    );
  }
}
