import { type ProcessTelemetry, requiredVariable, startProcessTelemetry } from './process-telemetry.ts';

/** What a process of the saga needs and gives. */
export interface SagaProcess {
  /** Said to the demo when the process is ready, with whatever it wants to tell. */
  readonly ready?: Readonly<Record<string, string | number>>;
  /** Stops taking work and waits for work in progress. */
  stop(): Promise<void>;
}

/** Where the queues of this run live. */
export interface QueueSettings {
  readonly connection: { readonly url: string };
  readonly prefix: string;
}

/** A message from a process of the saga to the demo. */
export type ProcessMessage =
  | { readonly type: 'ready'; readonly details: Readonly<Record<string, string | number>> }
  | { readonly type: 'progress'; readonly text: string };

/** Tells the demo what happened, for its progress lines. */
export function tell(text: string): void {
  if (process.connected) process.send?.({ type: 'progress', text } satisfies ProcessMessage);
}

/**
 * Runs one process of the saga: telemetry first, then its work, until the demo says stop or goes away.
 *
 * @param service the `service.name` of this process
 * @param start opens queues and workers
 */
export async function runSagaProcess(
  service: string,
  start: (telemetry: ProcessTelemetry['telemetry'], settings: QueueSettings) => Promise<SagaProcess>,
): Promise<void> {
  // The demo may go away before there is anything to stop in order.
  const endAtOnce = (): never => process.exit(1);
  process.once('disconnect', endAtOnce);
  if (process.connected === false) endAtOnce();
  const processTelemetry = await startProcessTelemetry(service);
  const settings = {
    connection: { url: requiredVariable('REDIS_URL') },
    prefix: requiredVariable('LOAN_SAGA_PREFIX'),
  };
  const running = await start(processTelemetry.telemetry, settings);

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await running.stop();
    await processTelemetry.stop();
    if (process.connected) process.disconnect();
  };
  process.on('message', (message) => {
    if (message === 'stop') void stop();
  });
  process.off('disconnect', endAtOnce);
  process.on('disconnect', () => void stop());

  process.send?.({ type: 'ready', details: running.ready ?? {} } satisfies ProcessMessage);
}
