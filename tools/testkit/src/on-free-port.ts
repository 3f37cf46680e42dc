import { once } from 'node:events';
import { createServer } from 'node:net';

const ATTEMPTS = 3;

/**
 * Runs `start` with a port of `127.0.0.1` that is free, and again with another one when somebody was faster.
 *
 * @param fixedPort tried instead, once, when given
 */
export async function onFreePort<T>(
  start: (port: number) => Promise<T>,
  fixedPort?: number | undefined,
): Promise<T> {
  if (fixedPort !== undefined) return start(fixedPort);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === ATTEMPTS || !/address already in use/i.test(String(error))) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP listener has no port.');
  server.close();
  await once(server, 'close');
  return address.port;
}
