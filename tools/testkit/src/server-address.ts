import { connect } from 'node:net';

/** Where a server of the environment is, from the address that the user set. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads an address such as `REDIS_URL` and makes sure that something listens there.
 *
 * @param setting name of the environment variable, for the message
 * @param protocols without the colon
 * @throws Error whose message says what is wrong with the setting, without its password
 */
export async function reachableAddress(
  setting: string,
  text: string,
  protocols: readonly string[],
  defaultPort: number,
): Promise<ServerAddress> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !protocols.includes(url.protocol.slice(0, -1)))
    throw new Error(
      `${setting} is not an address that begins with ${protocols.map((p) => `${p}://`).join(' or ')}`,
    );
  const host = url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1';
  const port = Number(url.port || defaultPort);
  if (!(await listens(host, port)))
    throw new Error(`${setting} names ${host}:${port}, where nothing listens`);
  return { host, port };
}

function listens(host: string, port: number): Promise<boolean> {
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
