/** What is needed of a Redis client to run scripts: BullMQ 6 wraps whichever client it has, BullMQ 5 has ioredis itself. */
interface ScriptClient {
  defineCommand(name: string, script: { readonly numberOfKeys: number; readonly lua: string }): unknown;
  runCommand?(name: string, args: readonly (string | number)[]): Promise<unknown>;
  readonly [command: string]: unknown;
}

/** Where a queue keeps its client: itself in BullMQ 5, its backend in BullMQ 6. */
export interface ClientOwner {
  readonly client?: unknown;
  getBackend?(): unknown;
}

/** A script to be run by name, as BullMQ runs its own. */
export interface RedisScript {
  readonly name: string;
  readonly numberOfKeys: number;
  readonly lua: string;
}

/** Whether the queue is kept in Redis. BullMQ 6 has backends that are not. */
export function hasRedisClient(queue: ClientOwner): boolean {
  return holderOf(queue) !== undefined;
}

/**
 * Runs a script on the queue's own connection, once that is ready.
 *
 * @throws whatever the client says
 */
export async function runScript(
  queue: ClientOwner,
  { name, numberOfKeys, lua }: RedisScript,
  args: readonly (string | number)[],
): Promise<unknown> {
  const client = (await holderOf(queue)?.client) as ScriptClient;
  if (client[name] === undefined) client.defineCommand(name, { numberOfKeys, lua });
  if (client.runCommand) return client.runCommand(name, args);
  return (client[name] as (...args: readonly unknown[]) => Promise<unknown>)(...args);
}

function holderOf(queue: ClientOwner): { readonly client?: unknown } | undefined {
  if (typeof queue !== 'object' || queue === null) return undefined;
  if ('client' in queue) return queue;
  const backend = queue.getBackend?.();
  return typeof backend === 'object' && backend !== null && 'client' in backend ? backend : undefined;
}

/** The client of a queue, once it is connected; `undefined` for one that is not kept in Redis. */
export function redisClientOf(queue: ClientOwner): Promise<object> | undefined {
  return holderOf(queue)?.client as Promise<object> | undefined;
}
