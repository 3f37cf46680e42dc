import type { ObservedInstrument } from '@throughline/core';
import {
  METRIC_PGCONDUCTOR_SLOTS_LIMIT,
  METRIC_PGCONDUCTOR_SLOTS_USED,
} from '../telemetry/attribute-names.ts';
import type { EngineTelemetry } from '../telemetry/engine-telemetry.ts';

const used: ObservedInstrument = Object.freeze({
  kind: 'up_down_counter',
  name: METRIC_PGCONDUCTOR_SLOTS_USED,
  unit: '{execution}',
  description: 'Number of executions that run.',
});
const limit: ObservedInstrument = Object.freeze({
  kind: 'up_down_counter',
  name: METRIC_PGCONDUCTOR_SLOTS_LIMIT,
  unit: '{execution}',
  description: 'Number of executions that may run at once.',
});

/** A worker of one queue. */
export interface Slots {
  readonly queue: string;
  readonly running: { readonly size: number };
}

/** Shows how busy the workers of one orchestrator are. @returns ends it */
export function observeSlots(
  telemetry: EngineTelemetry,
  workers: Iterable<Slots>,
  concurrency: number,
): () => void {
  const { port } = telemetry;
  const stops = [
    port.observe(used, (observe) => {
      for (const worker of workers) observe(worker.running.size, telemetry.queue(worker.queue));
    }),
    port.observe(limit, (observe) => {
      for (const worker of workers) observe(concurrency, telemetry.queue(worker.queue));
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
