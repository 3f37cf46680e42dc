import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultProxy, startFaultProxy, waitFor } from '../src/index.ts';

/** Repeats what it is told. */
let target: Server;
/** What the target heard, and how many hung up. */
let seen: { heard: string; hungUp: number };
let proxy: FaultProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  const told = { heard: '', hungUp: 0 };
  seen = told;
  target = createServer((socket) => {
    socket.on('data', (data) => {
      told.heard += data.toString();
      socket.write(data);
    });
    socket.on('error', () => {}).on('close', () => told.hungUp++);
  });
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  const { port } = target.address() as { port: number };
  proxy = await startFaultProxy({ target: `tcp://127.0.0.1:${port}` });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.stop();
  target.close();
});

interface Client {
  readonly socket: Socket;
  /** What came back. */
  answer(): string;
  /** How the connection ended, if it has. */
  end(): string | undefined;
}

function open(): Client {
  const socket = connect(proxy.port, proxy.host);
  let answer = '';
  let end: string | undefined;
  socket.on('data', (data) => {
    answer += data.toString();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end = error.code;
  });
  socket.on('close', () => {
    end ??= 'closed';
  });
  clients.push(socket);
  return { socket, answer: () => answer, end: () => end };
}

async function echo(client: Client, text: string): Promise<void> {
  client.socket.write(text);
  await waitFor(() => client.answer().endsWith(text), { what: `the echo of ${text}` });
}

describe('a fault proxy', () => {
  it('passes both directions and counts what passes', async () => {
    const client = open();
    await echo(client, 'hello');
    expect(proxy.traffic).toMatchObject({ connections: 1, open: 1, requestBytes: 5, answerBytes: 5 });
    client.socket.end();
    await waitFor(() => proxy.traffic.open === 0 && seen.hungUp === 1, { what: 'the end of the connection' });
  });

  it('passes more than sockets can hold', async () => {
    const client = open();
    const size = 20_000_000;
    client.socket.end('x'.repeat(size));
    await waitFor(() => client.answer().length === size, { what: 'all of it', timeoutMs: 20_000 });
  });

  it('refuses: nobody listens, and open connections are reset', async () => {
    const before = open();
    await echo(before, 'hello');
    await proxy.set('refuse');
    const after = open();
    await waitFor(() => before.end() && after.end(), { what: 'both ends' });
    expect([before.end(), after.end()]).toEqual(['ECONNRESET', 'ECONNREFUSED']);
    expect(proxy.traffic.connections).toBe(1);
  });

  it('listens on the same port when it passes again', async () => {
    const { port } = proxy;
    await proxy.set('refuse');
    await proxy.set('pass');
    expect(proxy.port).toBe(port);
    await echo(open(), 'again');
  });

  it('resets connections as soon as they are made', async () => {
    await proxy.set('reset');
    const client = open();
    await waitFor(client.end, { what: 'its end' });
    expect(client.end()).toBe('ECONNRESET');
    expect(proxy.traffic.connections).toBe(1);
  });

  it('keeps half-open connections silent, and lets what was said arrive when it passes again', async () => {
    const client = open();
    await echo(client, 'hello');
    await proxy.set('half-open');
    client.socket.write('anybody?');
    const late = open();
    late.socket.write('me too?');
    await waitFor(() => proxy.traffic.connections === 2, { what: 'the second connection' });
    expect([seen.heard, client.end(), late.end()]).toEqual(['hello', undefined, undefined]);
    await proxy.set('pass');
    await waitFor(() => client.answer() === 'helloanybody?' && late.answer() === 'me too?', {
      what: 'all that was said',
    });
  });

  it('delays what is sent', async () => {
    await proxy.set({ kind: 'latency', ms: 60 });
    const client = open();
    const start = performance.now();
    await echo(client, 'slow');
    expect(performance.now() - start).toBeGreaterThan(110);
  });

  it('lets a byte pass at a time', async () => {
    await proxy.set({ kind: 'trickle', bytesPerSecond: 100 });
    const client = open();
    const start = performance.now();
    await echo(client, 'byte by byte');
    expect(performance.now() - start).toBeGreaterThan(100);
    expect(client.answer()).toBe('byte by byte');
  });

  it('goes on at once when a slow mode is over', async () => {
    await proxy.set({ kind: 'trickle', bytesPerSecond: 0.001 });
    const client = open();
    client.socket.write('hello');
    await waitFor(() => proxy.traffic.connections === 1, { what: 'the connection' });
    await proxy.set('pass');
    await waitFor(() => client.answer() === 'hello', { what: 'the echo' });
  });

  it('cuts after so many bytes', async () => {
    await proxy.set({ kind: 'cut', afterBytes: 8 });
    const client = open();
    await echo(client, 'first');
    client.socket.write('second');
    await waitFor(client.end, { what: 'the cut' });
    expect(client.end()).toBe('ECONNRESET');
    await waitFor(() => seen.hungUp === 1, { what: 'the target to be told' });
    expect('firstsecond'.startsWith(seen.heard)).toBe(true);
    expect(proxy.traffic.requestBytes).toBe(8);
  });

  it('cuts the answer of what has arrived', async () => {
    await proxy.set('cut-answer');
    const client = open();
    client.socket.write('commit');
    await waitFor(client.end, { what: 'the cut' });
    expect([client.end(), client.answer(), seen.heard]).toEqual(['ECONNRESET', '', 'commit']);
  });

  it('cuts the client off when the target is not there', async () => {
    await new Promise((resolve) => target.close(resolve));
    const client = open();
    await waitFor(client.end, { what: 'its end' });
  });

  it('closes everything when it stops, and may be stopped again', async () => {
    const client = open();
    await echo(client, 'hello');
    await proxy.stop();
    await proxy.stop();
    await waitFor(client.end, { what: 'its end' });
    expect(client.end()).toBe('ECONNRESET');
  });
});
