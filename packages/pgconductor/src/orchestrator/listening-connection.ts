import postgres from 'postgres';
import type { Query } from '../database/query.ts';
import type { SqlPool } from '../database/sql-client.ts';

/** What has to differ from the options of the client beside which it is opened. */
const lasting = { max: 1, idle_timeout: null, max_lifetime: null, fetch_types: false };

const patienceMs = 1_000;
const longestLoginMs = 60_000;

/**
 * A connection that listens, from when it is made until it is lost. It is made for nothing else, so that ending it ends the
 * listening in every case: what the driver's own `listen` has taken up again after a loss, `unlisten` no longer ends.
 */
export class ListeningConnection {
  readonly #client: SqlPool;
  #lose: () => void = () => {};
  /** Resolves when it listens. Rejects when it cannot. */
  readonly opened: Promise<void>;
  /** Resolves when it listens no more. */
  readonly lost: Promise<void>;

  /**
   * @param sql whose database it listens to
   * @param channel answers with the name of the channel
   */
  constructor(sql: SqlPool, channel: Query, onPayload: (payload: string) => void) {
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
    const options = {
      ...sql.options,
      ...lasting,
      onclose: () => this.#lose(),
      onnotify: (_channel: string, payload: string) => onPayload(payload),
    };
    this.#client = postgres(options as unknown as postgres.Options<Record<string, never>>);
    this.opened = this.#listen(channel);
  }

  async #listen({ text }: Query): Promise<void> {
    const [row] = await this.#client.unsafe(text);
    await this.#client.unsafe(`listen "${String(row?.answer)}"`);
  }

  /**
   * It listens no more when it resolves, or it has never listened and is ended when it could. The driver throws where nobody
   * catches it when a connection is ended that is just logging in. May be called again.
   */
  async end(): Promise<void> {
    this.#lose();
    const isOver = this.opened.catch(() => {});
    const ended = Promise.race([isOver, passed(longestLoginMs)]).then(() => this.#client.end({ timeout: 0 }));
    await Promise.race([ended, passed(patienceMs)]);
  }
}

/** Keeps no process alive. */
function passed(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
