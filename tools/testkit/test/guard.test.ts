import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type NodeChild, spawnNode } from '../src/spawn-node.ts';
import { waitFor } from '../src/wait-for.ts';

const holder = new URL('fixtures/hold-servers.mjs', import.meta.url);
let temporary: string;

/** The parent is plain Node without TypeScript, so it uses what the build makes. */
beforeAll(async () => {
  const tsup = createRequire(import.meta.url).resolve('tsup/dist/cli-default.js');
  await promisify(execFile)(process.execPath, [tsup], { cwd: fileURLToPath(new URL('..', import.meta.url)) });
});

beforeEach(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'testkit-guard-'));
  await chmod(temporary, 0o755);
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

function holdServers(mode: 'hold' | 'leave'): NodeChild {
  return spawnNode(holder, [mode], { env: { TMPDIR: temporary } });
}

async function portsOf(parent: NodeChild): Promise<number[]> {
  return JSON.parse(await parent.waitForLine(/ports/, 20_000)).ports;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function dataFolders(): Promise<string[]> {
  return (await readdir(temporary)).filter((name) => /^throughline-(redis|postgres)-/.test(name));
}

async function expectNothingLeft(ports: readonly number[]): Promise<void> {
  for (const port of ports)
    await waitFor(async () => !(await listens(port)), { what: `the end of port ${port}` });
  await waitFor(async () => (await dataFolders()).length === 0, { what: 'the data folders to be gone' });
}

describe('the guard', () => {
  it('ends Redis and PostgreSQL and removes their data when the parent gets SIGKILL', async () => {
    const parent = holdServers('hold');
    const ports = await portsOf(parent);
    expect(await Promise.all(ports.map(listens))).toEqual([true, true]);
    expect(await dataFolders()).toHaveLength(2);
    await parent.kill('SIGKILL');
    await expectNothingLeft(ports);
  });

  it('lets a parent that forgot its servers end by itself, and ends them', async () => {
    const parent = holdServers('leave');
    const ports = await portsOf(parent);
    expect(await parent.exited).toEqual({ code: 0, signal: null });
    await expectNothingLeft(ports);
  });

  it('leaves nothing of a PostgreSQL whose parent dies while the cluster is created', async () => {
    const parent = holdServers('hold');
    const creating = async (): Promise<boolean> => {
      const folder = (await dataFolders()).find((name) => name.includes('postgres'));
      return folder !== undefined && (await readdir(path.join(temporary, folder))).includes('data');
    };
    await waitFor(creating, { what: 'initdb to begin', intervalMs: 1, timeoutMs: 20_000 });
    await parent.kill('SIGKILL');
    await expectNothingLeft([]);
  });
});
