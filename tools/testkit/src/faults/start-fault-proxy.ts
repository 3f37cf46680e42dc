import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type FaultMode, FaultModes } from './fault-mode.ts';
import { pumpThroughFaults } from './fault-pipe.ts';

/** What goes through a {@link FaultProxy}, so far. */
export interface FaultTraffic {
  /** Connections that were made, those that were reset at once included. A refused one is never seen. */
  readonly connections: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Bytes that reached the target. */
  readonly requestBytes: number;
  /** Bytes that reached clients. */
  readonly answerBytes: number;
}

/** A TCP proxy on loopback that does to connections what networks do. */
export interface FaultProxy {
  readonly host: '127.0.0.1';
  /** The same in every mode. */
  readonly port: number;
  readonly mode: FaultMode;
  readonly traffic: FaultTraffic;
  /** Begins another mode, for connections that are open, too. Resolves when it is in force. */
  set(mode: FaultMode | FaultMode['kind']): Promise<void>;
  /** Resets every open connection. */
  resetAll(): void;
  /** Closes the port and all connections. May be called again. */
  stop(): Promise<void>;
}

/** Where a {@link FaultProxy} leads to, and how it begins. */
export interface FaultProxyOptions {
  /** `redis://127.0.0.1:6379`, `http://127.0.0.1:8080`: host and port of it count. */
  readonly target: string | URL;
  /** @default { kind: 'pass' } */
  readonly mode?: FaultMode | undefined;
}

/**
 * Starts a TCP proxy that breaks connections on demand.
 *
 * @example
 * ```ts
 * import { startFaultProxy } from '@throughline/testkit';
 *
 * const proxy = await startFaultProxy({ target: 'redis://127.0.0.1:6379' });
 * const connection = { host: proxy.host, port: proxy.port };
 * // … let a worker use the connection …
 * await proxy.set('half-open');
 * await proxy.set({ kind: 'latency', ms: 200 });
 * await proxy.set('pass');
 * console.log(connection, proxy.traffic.connections);
 * await proxy.stop();
 * ```
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { hostname, port } = new URL(options.target);
  const proxy = new TcpFaultProxy(hostname, Number(port), options.mode ?? { kind: 'pass' });
  await proxy.start();
  return proxy;
}

class TcpFaultProxy implements FaultProxy {
  readonly host = '127.0.0.1';
  port = 0;
  readonly traffic: { -readonly [K in keyof FaultTraffic]: FaultTraffic[K] } = {
    connections: 0,
    open: 0,
    requestBytes: 0,
    answerBytes: 0,
  };
  readonly #targetHost: string;
  readonly #targetPort: number;
  readonly #modes: FaultModes;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  constructor(targetHost: string, targetPort: number, mode: FaultMode) {
    this.#targetHost = targetHost;
    this.#targetPort = targetPort;
    this.#modes = new FaultModes(mode);
    // What a mode holds back has to be able to arrive after one side has said its last word.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client));
  }

  get mode(): FaultMode {
    return this.#modes.current.mode;
  }

  async start(): Promise<void> {
    await this.#listen();
    this.port = (this.#server.address() as { port: number }).port;
    await this.set(this.mode);
  }

  async set(mode: FaultMode | FaultMode['kind']): Promise<void> {
    const next = typeof mode === 'string' ? ({ kind: mode } as FaultMode) : mode;
    this.#modes.set(next);
    if (next.kind === 'refuse' || next.kind === 'reset') this.resetAll();
    if (next.kind === 'refuse') await this.#close();
    else if (!this.#server.listening) await this.#listen();
  }

  resetAll(): void {
    for (const socket of this.#open) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.resetAll();
    await this.#close();
    this.#modes.set({ kind: 'reset' });
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.port, this.host);
    await once(this.#server, 'listening');
  }

  async #close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.traffic.connections++;
    if (this.mode.kind === 'reset') {
      client.on('error', () => {}).resetAndDestroy();
      return;
    }
    const target = connect({
      host: this.#targetHost,
      port: this.#targetPort,
      allowHalfOpen: true,
      noDelay: true,
    });
    const { traffic } = this;
    traffic.open++;
    client.once('close', () => traffic.open--);
    for (const socket of [client, target]) this.#keep(socket);
    const cut = (): void => {
      client.resetAndDestroy();
      target.resetAndDestroy();
    };
    const between = { modes: this.#modes, cut };
    void pumpThroughFaults({
      ...between,
      from: client,
      to: target,
      direction: 'request',
      passes: (bytes) => {
        traffic.requestBytes += bytes;
      },
    });
    void pumpThroughFaults({
      ...between,
      from: target,
      to: client,
      direction: 'answer',
      passes: (bytes) => {
        traffic.answerBytes += bytes;
      },
    });
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => {}).once('close', () => this.#open.delete(socket));
  }
}
