import type { ConductorCore } from '../conductor/conductor-core.ts';
import { query } from '../database/query.ts';

/** What is said on the channel of a schema. */
export interface Word {
  /** In that queue there is something to do. */
  readonly queue?: string | undefined;
  /** There is a signal for the worker of that id. */
  readonly worker?: string | undefined;
}

/**
 * Hears at once what others tell with NOTIFY. Behind a pooler that gives each transaction another connection nothing is heard;
 * then it goes on by looking.
 */
export class Listener {
  readonly #core: ConductorCore;
  readonly #onWord: (word: Word) => void;
  readonly #onListening: () => void;
  #unlisten: (() => Promise<void>) | undefined;

  /** @param onListening called when it listens, and again after each loss of the connection: words may have been missed */
  constructor(core: ConductorCore, onWord: (word: Word) => void, onListening: () => void) {
    this.#core = core;
    this.#onWord = onWord;
    this.#onListening = onListening;
  }

  /** Never rejects. */
  async start(): Promise<void> {
    const { database, queries, logger } = this.#core;
    try {
      const { answer } = await query<{ answer: string }>(database.sql, queries.channel, []);
      const heard = (payload: string): void => this.#onWord(JSON.parse(payload) as Word);
      const { unlisten } = await database.sql.listen(answer, heard, this.#onListening);
      this.#unlisten = unlisten;
    } catch (error) {
      logger.warn('pgconductor: cannot listen, so work is found by looking only', { error });
    }
  }

  async stop(): Promise<void> {
    await this.#unlisten?.();
    this.#unlisten = undefined;
  }
}
