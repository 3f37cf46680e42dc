import { demandOption, noopTelemetry } from '@throughline/core';
import { portOf, type TelemetrySource } from './settings/port-of.ts';

/** What {@link quietRedis} needs of a client; `Redis` and `Cluster` of ioredis fit. */
export interface QuietableRedis {
  sendCommand(...args: never[]): unknown;
  duplicate(...args: never[]): QuietableRedis;
}

const quiet: unique symbol = Symbol.for('throughline.bullmq.quiet.v1') as never;

/**
 * Keeps the commands of one Redis client out of traces: they are sent with no span active, and instrumentation of ioredis
 * makes spans only below an active span, unless it was told otherwise (`requireParentSpan: false`).
 *
 * Meant for the connection that BullMQ is given, so that its scripts, locks and polls stay out of your traces while the
 * commands of your own clients stay in. Of the client, `sendCommand` and `duplicate` are replaced on this one object, and
 * so on every duplicate of it (BullMQ makes one for blocking commands); prototypes are left alone.
 *
 * @param telemetry the one that is used with BullMQ; without one, or with the no-op, nothing is changed
 * @returns the same client
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for what is no such client: options of a connection, for example
 * @throws TelemetryInvalidError when `telemetry` is not an object
 * @example
 * ```ts
 * import { Queue, quietRedis, Worker } from '@throughline/bullmq';
 * import { createOtelTelemetry } from '@throughline/otel';
 * import { Redis } from 'ioredis';
 *
 * const telemetry = createOtelTelemetry();
 * const connection = quietRedis(new Redis({ maxRetriesPerRequest: null }), telemetry);
 * const queue = new Queue('mail', { connection, telemetry });
 * const worker = new Worker('mail', async () => {}, { connection, telemetry });
 *
 * await worker.close();
 * await queue.close();
 * await connection.quit(); // BullMQ leaves a connection open that it was given
 * ```
 * @see {@link https://github.com/open-telemetry/opentelemetry-js-contrib/tree/main/packages/instrumentation-ioredis | ioredis instrumentation}
 */
export function quietRedis<Client extends QuietableRedis>(
  client: Client,
  telemetry: TelemetrySource,
): Client {
  const isClient = isCallable(client?.sendCommand) && isCallable(client.duplicate);
  demandOption(isClient, 'quietRedis.client', client, 'a Redis or Cluster of ioredis');
  const port = portOf(telemetry);
  if (port === noopTelemetry || isQuiet(client)) return client;
  const prototype: QuietableRedis = Object.getPrototypeOf(client);
  // Looked up at each call: instrumentation may replace it later, or take itself back.
  const sendCommand = (...args: never[]): unknown =>
    port.withContext(undefined, () => Reflect.apply(prototype.sendCommand, client, args));
  const duplicate = (...args: never[]): QuietableRedis =>
    quietRedis(Reflect.apply(prototype.duplicate, client, args), port);
  return Object.defineProperties(client, {
    sendCommand: { value: sendCommand, configurable: true, writable: true },
    duplicate: { value: duplicate, configurable: true, writable: true },
    [quiet]: { value: true },
  });
}

function isCallable(member: unknown): boolean {
  return typeof member === 'function';
}

/** Whether {@link quietRedis} was there, in any copy of this package. */
export function isQuiet(client: object): boolean {
  return quiet in client;
}
