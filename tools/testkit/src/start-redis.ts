import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from './find-on-path.ts';
import { startGuarded } from './guarded-process.ts';
import { onFreePort } from './on-free-port.ts';
import { reachableAddress } from './server-address.ts';
import { ServerUnavailableError } from './server-unavailable-error.ts';
import { unpackedRedis } from './unpacked-redis.ts';

/** A Redis that answers, and how to be rid of it. */
export interface RedisServer {
  /** `redis://127.0.0.1:<port>`, or what `REDIS_URL` says. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Where it came from: `REDIS_URL`, a program on `PATH`, or the distribution's package unpacked into the cache. */
  readonly origin: 'environment' | 'path' | 'unpacked';
  /** `7.0.15`; unknown for a server of the environment. */
  readonly version?: string | undefined;
  /** Ends the server and removes its data; does nothing to a server of the environment. May be called again. */
  stop(): Promise<void>;
}

/** What kind of Redis is wanted. */
export interface RedisOptions {
  /** A server of one's own even when `REDIS_URL` is set: for tests that stop or restart it. @default false */
  readonly own?: boolean | undefined;
  /** Port on loopback; given when a stopped server is to come back at the same address. @default a free one */
  readonly port?: number | undefined;
  /** Settings as in `redis.conf`, over ours: no snapshots, no append-only file, `noeviction`. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/**
 * Gives a Redis on loopback: the one of `REDIS_URL`, else `redis-server` from `PATH`, else the distribution's
 * package unpacked (not installed) under `node_modules/.cache`.
 *
 * A server started here keeps nothing on disk, does not keep this process alive, and ends with it even on SIGKILL.
 *
 * @throws ServerUnavailableError when there is none of the three; the message says what to set
 * @example
 * ```ts
 * import { startRedis } from '@throughline/testkit';
 *
 * const redis = await startRedis();
 * console.log(redis.url, redis.origin);
 * await redis.stop();
 * ```
 */
export async function startRedis({
  own = false,
  port,
  settings = {},
}: RedisOptions = {}): Promise<RedisServer> {
  const url = process.env.REDIS_URL;
  try {
    if (!own && url !== undefined && url !== '') return await redisOfTheEnvironment(url);
    const program = await redisProgram();
    return await onFreePort((free) => start(program, settings, free), port);
  } catch (error) {
    const advice = 'set REDIS_URL=redis://127.0.0.1:6379 to a running Redis, or put redis-server on PATH.';
    throw new ServerUnavailableError('Redis', 'REDIS_URL', advice, error);
  }
}

async function redisOfTheEnvironment(url: string): Promise<RedisServer> {
  const { host, port } = await reachableAddress('REDIS_URL', url, ['redis', 'rediss'], 6379);
  return { url, host, port, origin: 'environment', stop: async () => {} };
}

interface RedisProgram {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  readonly origin: 'path' | 'unpacked';
}

async function redisProgram(): Promise<RedisProgram> {
  const command = findOnPath(['redis-server']);
  if (command !== undefined) return { command, env: process.env, origin: 'path' };
  const unpacked = await unpackedRedis();
  if (unpacked === undefined) throw new Error('there is no redis-server on PATH');
  return { ...unpacked, origin: 'unpacked' };
}

/** Nothing is kept on disk, and nothing is evicted: BullMQ insists on that. */
const QUIET = { save: '', appendonly: 'no', 'maxmemory-policy': 'noeviction' };

async function start(
  { command, env, origin }: RedisProgram,
  settings: Readonly<Record<string, string>>,
  port: number,
): Promise<RedisServer> {
  const { stdout } = await promisify(execFile)(command, ['--version'], { env });
  const host = '127.0.0.1';
  const dir = await mkdtemp(path.join(tmpdir(), 'throughline-redis-'));
  const all = { ...QUIET, port: String(port), bind: host, dir, ...settings };
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  const ready = /ready to accept connections/i;
  const commands = [[command, ...args]] as const;
  const { stop } = await startGuarded({ commands, env, ready, signal: 'SIGTERM', remove: dir });
  return { url: `redis://${host}:${port}`, host, port, origin, version: /\bv=(\S+)/.exec(stdout)?.[1], stop };
}
