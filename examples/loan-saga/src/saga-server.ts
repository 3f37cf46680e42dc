import { randomBytes } from 'node:crypto';
import { ServerUnavailableError, startPostgres, startRedis } from '@throughline/testkit';

/** What carries the work of a run. */
export type EngineName = 'bullmq' | 'pgconductor';

/** The server behind the engine of a run. */
export interface SagaServer {
  readonly engine: EngineName;
  /** One line for people: what it is, and why it is that one. */
  readonly description: string;
  /** For the processes of the saga. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL when it is asked for, and where no Redis can be had; else a Redis.
 *
 * @throws ServerUnavailableError when there is none, and when the Redis that `REDIS_URL` names does not answer
 */
export async function startSagaServer(engine: EngineName | undefined): Promise<SagaServer> {
  if (engine === 'pgconductor') return postgresServer('');
  try {
    return await redisServer();
  } catch (error) {
    const isTheirs = (process.env.REDIS_URL ?? '') !== '';
    if (isTheirs || engine === 'bullmq' || !(error instanceof ServerUnavailableError)) throw error;
    return postgresServer(', because no Redis can be had here');
  }
}

async function redisServer(): Promise<SagaServer> {
  const { url, origin, stop } = await startRedis();
  // In a Redis that others use, the queues of this run are its own.
  const prefix = origin === 'environment' ? `demo-${randomBytes(3).toString('hex')}` : 'demo';
  const env = { REDIS_URL: url, LOAN_SAGA_PREFIX: prefix };
  return { engine: 'bullmq', description: `BullMQ on Redis, ${url} (${origin})`, env, stop };
}

async function postgresServer(reason: string): Promise<SagaServer> {
  const { url, version, host, port, stop } = await startPostgres({ version: 18 });
  const description = `pgconductor on PostgreSQL ${version}, ${host}:${port}${reason}`;
  const env = { LOAN_SAGA_POSTGRES: url, LOAN_SAGA_PREFIX: 'demo' };
  return { engine: 'pgconductor', description, env, stop };
}
