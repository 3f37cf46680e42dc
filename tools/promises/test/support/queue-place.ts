import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';

interface Closable {
  close(): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** A key prefix in a Redis, and everything that was opened there. */
export interface QueuePlace {
  /** What queues and workers are constructed with. */
  readonly options: {
    readonly connection: { readonly host: string; readonly port: number };
    readonly prefix: string;
  };
  /** Errors that queues and workers told. */
  readonly errors: Error[];
  /** Has `closable` closed when the place is left. */
  open<C extends Closable>(closable: C): C;
  /** Closes everything, the latest first, and removes all keys. */
  leave(): Promise<void>;
}

/** Makes a place of its own for a test's queues. @param url `redis://…` */
export function openQueuePlace(url: string): QueuePlace {
  const { hostname, port } = new URL(url);
  const connection = { host: hostname, port: Number(port) };
  const prefix = `promise-${randomUUID()}`;
  const opened: Closable[] = [];
  const errors: Error[] = [];
  return {
    options: { connection, prefix },
    errors,
    open: (closable) => {
      closable.on('error', (error) => errors.push(error));
      opened.unshift(closable);
      return closable;
    },
    leave: async () => {
      await Promise.all(opened.map((each) => each.close()));
      const redis = new Redis(connection);
      const keys = await redis.keys(`${prefix}:*`);
      if (keys.length > 0) await redis.del(...keys);
      await redis.quit();
    },
  };
}
