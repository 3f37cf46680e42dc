import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from './find-on-path.ts';
import { freePort } from './free-port.ts';
import { startGuarded } from './guarded-process.ts';
import { ServerUnavailableError } from './server-unavailable-error.ts';
import { unpackedRedis } from './unpacked-redis.ts';

const run = promisify(execFile);

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
  if (!own && url !== undefined && url !== '') return redisOfTheEnvironment(url);
  const onPath = findOnPath(['redis-server']);
  if (onPath !== undefined)
    return start({ command: onPath, env: process.env, origin: 'path' }, settings, port);
  const unpacked = await unpackedRedis().catch((error: unknown) => {
    throw unavailable('the distribution package could not be unpacked', error);
  });
  if (unpacked === undefined) throw unavailable('there is no redis-server on PATH');
  return start({ ...unpacked, origin: 'unpacked' }, settings, port);
}

async function redisOfTheEnvironment(text: string): Promise<RedisServer> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol))
    throw unavailable('REDIS_URL is not a redis:// or rediss:// address');
  const host = url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1';
  const port = Number(url.port || 6379);
  if (!(await answers(host, port)))
    throw unavailable(`REDIS_URL names ${host}:${port}, where nothing listens`);
  return { url: text, host, port, origin: 'environment', stop: async () => {} };
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3_000 });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}

interface Program {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  readonly origin: 'path' | 'unpacked';
}

async function start(
  { command, env, origin }: Program,
  settings: Readonly<Record<string, string>>,
  fixedPort: number | undefined,
): Promise<RedisServer> {
  const version = await versionOf(command, env);
  const host = '127.0.0.1';
  for (let attempt = 1; ; attempt += 1) {
    const port = fixedPort ?? (await freePort());
    const dir = await mkdtemp(path.join(tmpdir(), 'throughline-redis-'));
    const all = { ...QUIET, port: String(port), bind: host, dir, ...settings };
    const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
    try {
      const ready = /ready to accept connections/i;
      const server = await startGuarded({ command, args, env, ready, signal: 'SIGTERM', remove: dir });
      return { url: `redis://${host}:${port}`, host, port, origin, version, stop: server.stop };
    } catch (error) {
      await rm(dir, { recursive: true, force: true });
      // Between our look and its bind somebody else may have taken the port.
      const taken = /address already in use/i.test(String(error));
      if (!taken || fixedPort !== undefined || attempt === 3)
        throw unavailable(
          `${command} did not start (${error instanceof Error ? error.message : error})`,
          error,
        );
    }
  }
}

const QUIET = { save: '', appendonly: 'no', 'maxmemory-policy': 'noeviction', 'protected-mode': 'yes' };

async function versionOf(command: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { stdout } = await run(command, ['--version'], { env }).catch((error: unknown) => {
    throw unavailable(`${command} does not run`, error);
  });
  return /\bv=(\S+)/.exec(stdout)?.[1];
}

function unavailable(reason: string, cause?: unknown): ServerUnavailableError {
  const advice = 'set REDIS_URL=redis://127.0.0.1:6379 to a running Redis, or put redis-server on PATH.';
  return new ServerUnavailableError('Redis', 'REDIS_URL', `${reason}; ${advice}`, cause);
}
