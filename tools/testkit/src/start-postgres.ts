import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { chown, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from './find-on-path.ts';
import { startGuarded, withoutRoot } from './guarded-process.ts';
import { memoryFolder } from './memory-folder.ts';
import { onFreePort } from './on-free-port.ts';
import { reachableAddress } from './server-address.ts';
import { ServerUnavailableError } from './server-unavailable-error.ts';
import { type EmbeddedVersion, unpackedPostgres } from './unpacked-postgres.ts';

const run = promisify(execFile);
const OLDEST_SUPPORTED = 14;
const NEWEST: EmbeddedVersion = 18;

/** A PostgreSQL that answers, and how to be rid of it. */
export interface PostgresServer {
  /** Address of the database `postgres` as its superuser, password included, or what `POSTGRES_URL` says. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Where it came from: `POSTGRES_URL`, a program on `PATH`, or the binaries of the npm package. */
  readonly origin: 'environment' | 'path' | 'unpacked';
  /** `18.4`; unknown for a server of the environment. */
  readonly version?: string | undefined;
  /**
   * Ends the server and keeps its data: `fast` as an administrator does, `immediate` as a crash does, so that it has to
   * recover. Rejects for a server of the environment.
   *
   * @default 'fast'
   */
  halt(mode?: 'fast' | 'immediate'): Promise<void>;
  /** Starts it again after {@link halt}, over the same data at the same address. Resolves when it answers. */
  resume(): Promise<void>;
  /** Ends the server and removes its data; does nothing to a server of the environment. May be called again. */
  stop(): Promise<void>;
}

/** What kind of PostgreSQL is wanted. */
export interface PostgresOptions {
  /** That major version and no other. @default whatever is there, from 14 on, else 18 */
  readonly version?: EmbeddedVersion | undefined;
  /** A server of one's own even when `POSTGRES_URL` is set: for tests that stop or restart it. @default false */
  readonly own?: boolean | undefined;
  /** Port on loopback; given when a stopped server is to come back at the same address. @default a free one */
  readonly port?: number | undefined;
  /**
   * Keeps the data in memory where the system has room for that, so that making tables and databases costs half. Not for
   * what measures.
   *
   * @default false
   */
  readonly inMemory?: boolean | undefined;
  /** Settings as in `postgresql.conf`, over ours: loopback only, nothing synced to disk. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/**
 * Gives a PostgreSQL on loopback: the one of `POSTGRES_URL`, else `postgres` from `PATH`, else the binaries of the
 * npm package. A `version` leaves out `POSTGRES_URL` and programs of another version.
 *
 * A server started here has an empty cluster of its own, runs as `nobody` when this process is root, does not keep
 * this process alive, and ends with it even on SIGKILL.
 *
 * @throws ServerUnavailableError when there is none of the three; the message says what to set
 * @example
 * ```ts
 * import { startPostgres } from '@throughline/testkit';
 *
 * const postgres = await startPostgres({ version: 18 });
 * console.log(postgres.url, postgres.version);
 * await postgres.stop();
 * ```
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { version, own = false, port, inMemory = false, settings = {} } = options;
  const url = process.env.POSTGRES_URL;
  try {
    const shared = !own && version === undefined;
    if (shared && url !== undefined && url !== '') return await postgresOfTheEnvironment(url);
    const program = (await postgresOnPath(version)) ?? (await postgresOfNpm(version ?? NEWEST));
    const parent = (inMemory ? await memoryFolder() : undefined) ?? tmpdir();
    return await onFreePort((free) => start(program, settings, parent, free), port);
  } catch (error) {
    const advice =
      version === undefined
        ? 'set POSTGRES_URL=postgres://user:password@127.0.0.1:5432/database to a running PostgreSQL.'
        : `put initdb and postgres of PostgreSQL ${version} on PATH.`;
    throw new ServerUnavailableError('PostgreSQL', 'POSTGRES_URL', advice, error);
  }
}

async function postgresOfTheEnvironment(url: string): Promise<PostgresServer> {
  const { host, port } = await reachableAddress('POSTGRES_URL', url, ['postgres', 'postgresql'], 5432);
  const refuse = async (): Promise<never> => {
    throw new Error('A server of the environment is not ours to end; ask for one with `own: true`.');
  };
  return { url, host, port, origin: 'environment', halt: refuse, resume: refuse, stop: async () => {} };
}

interface PostgresProgram {
  /** Folder with `initdb` and `postgres`. */
  readonly bin: string;
  readonly version: string;
  readonly origin: 'path' | 'unpacked';
}

async function postgresOnPath(wanted: EmbeddedVersion | undefined): Promise<PostgresProgram | undefined> {
  const found = findOnPath(['postgres']);
  if (found === undefined) return undefined;
  // A distribution links single programs into a common folder; their neighbours are where the links lead.
  const bin = path.dirname(realpathSync(found));
  const version = await versionOf(bin);
  const major = Number.parseInt(version, 10);
  const fits = wanted === undefined ? major >= OLDEST_SUPPORTED : major === wanted;
  return fits ? { bin, version, origin: 'path' } : undefined;
}

async function postgresOfNpm(wanted: EmbeddedVersion): Promise<PostgresProgram> {
  const bin = await unpackedPostgres(wanted);
  return { bin, version: await versionOf(bin), origin: 'unpacked' };
}

async function versionOf(bin: string): Promise<string> {
  const { stdout } = await run(path.join(bin, 'postgres'), ['--version']);
  return /\d+(\.\d+)?/.exec(stdout)?.[0] ?? '';
}

const FAST = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_connections: '400', // test files that run beside one another share a server, and each process of theirs has pools
};

async function start(
  { bin, version, origin }: PostgresProgram,
  settings: Readonly<Record<string, string>>,
  parent: string,
  port: number,
): Promise<PostgresServer> {
  const password = randomBytes(12).toString('hex');
  const folder = await clusterFolder(parent, password);
  const { stop, halt, resume } = await startGuarded({
    commands: [createCluster(bin, folder), runServer(bin, folder, port, settings)],
    ready: /ready to accept connections/,
    signal: 'SIGINT',
    remove: folder,
    cwd: folder,
    asNobody: true,
  });
  const host = '127.0.0.1';
  return {
    url: `postgres://postgres:${password}@${host}:${port}/postgres`,
    host,
    port,
    origin,
    version,
    halt: (mode = 'fast') => halt(mode === 'fast' ? 'SIGINT' : 'SIGQUIT'),
    resume,
    stop,
  };
}

type Command = [program: string, ...args: string[]];

/** Others on this machine reach loopback too, so the superuser has a password. */
async function clusterFolder(parent: string, password: string): Promise<string> {
  const folder = await mkdtemp(path.join(parent, 'throughline-postgres-'));
  const passwordFile = path.join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  const { uid, gid } = withoutRoot();
  if (uid !== undefined && gid !== undefined)
    for (const own of [folder, passwordFile]) await chown(own, uid, gid);
  return folder;
}

function createCluster(bin: string, folder: string): Command {
  const access = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${path.join(folder, 'password')}`];
  const shape = ['-E', 'UTF8', '--no-locale', '--no-sync'];
  return [path.join(bin, 'initdb'), '-D', path.join(folder, 'data'), ...access, ...shape];
}

function runServer(
  bin: string,
  folder: string,
  port: number,
  settings: Readonly<Record<string, string>>,
): Command {
  const given = Object.entries({ ...FAST, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  return [path.join(bin, 'postgres'), '-D', path.join(folder, 'data'), '-p', String(port), ...given];
}
