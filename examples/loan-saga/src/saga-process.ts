import type { Telemetry } from '@throughline/core';
import { BullmqEngine } from './engines/bullmq-engine.ts';
import { PgConductorEngine } from './engines/pgconductor-engine.ts';
import { requiredVariable, startProcessTelemetry } from './process-telemetry.ts';
import type { SagaEngine, Stoppable } from './saga-engine.ts';
import type { ProcessMessage } from './tell.ts';

/** What a process of the saga gives. */
export interface SagaProcess extends Stoppable {
  /** Said to the demo when the process is ready, with whatever it wants to tell. */
  readonly ready?: Readonly<Record<string, string | number>>;
}

/** What a process of the saga works with. */
export interface SagaProcessParts {
  readonly engine: SagaEngine;
  readonly telemetry: Telemetry;
}

/**
 * Runs one process of the saga: telemetry first, then its work, until the demo says stop or goes away.
 *
 * @param service the `service.name` of this process
 * @param start takes up the work
 */
export async function runSagaProcess(
  service: string,
  start: (parts: SagaProcessParts) => Promise<SagaProcess>,
): Promise<void> {
  // The demo may go away before there is anything to stop in order.
  const endAtOnce = (): never => process.exit(1);
  process.once('disconnect', endAtOnce);
  if (process.connected === false) endAtOnce();
  const { telemetry, stop: stopTelemetry } = await startProcessTelemetry(service);
  const engine = engineOfTheDemo(telemetry);
  const running = await start({ engine, telemetry });

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await running.stop();
    await engine.close();
    await stopTelemetry();
    if (process.connected) process.disconnect();
  };
  process.on('message', (message) => {
    if (message === 'stop') void stop();
  });
  process.off('disconnect', endAtOnce);
  process.on('disconnect', () => void stop());

  process.send?.({ type: 'ready', details: running.ready ?? {} } satisfies ProcessMessage);
}

/** On PostgreSQL when the demo names one, else on Redis. */
function engineOfTheDemo(telemetry: Telemetry): SagaEngine {
  const prefix = requiredVariable('LOAN_SAGA_PREFIX');
  const connectionString = process.env.LOAN_SAGA_POSTGRES;
  if (connectionString !== undefined && connectionString !== '')
    return new PgConductorEngine({ connectionString, schema: prefix, telemetry });
  return new BullmqEngine({ connection: { url: requiredVariable('REDIS_URL') }, prefix, telemetry });
}
