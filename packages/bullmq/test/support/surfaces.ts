import type { Telemetry } from '@throughline/core';
import type * as host from 'bullmq';
import { bullmqTelemetry, observeWorker, wrapProcessor } from '../../src/index.ts';
import type { JobWorld } from './job-world.ts';

/** A way to use BullMQ: its classes by themselves, or one of the ways in which they are observed. */
export interface Surface {
  queue(world: JobWorld, name: string): host.Queue;
  worker(
    world: JobWorld,
    name: string,
    processor: host.Processor | string,
    opts?: Partial<host.WorkerOptions>,
  ): host.Worker;
  flows(world: JobWorld): host.FlowProducer;
}

/** Nothing of ours. */
export const bare: Surface = {
  queue: (world, name) => world.hostQueue(name),
  worker: (world, name, processor, opts) => world.hostWorker(name, processor, opts),
  flows: (world) => world.hostFlows(),
};

export function dropIns(telemetry: Partial<Telemetry> | undefined): Surface {
  return {
    queue: (world, name) => world.queue(name, telemetry),
    worker: (world, name, processor, opts) => world.worker(name, processor, telemetry, opts),
    flows: (world) => world.flows(telemetry),
  };
}

/** BullMQ's classes with everything that there is for them. */
export function layers(telemetry: Partial<Telemetry> | undefined): Surface {
  const options = ({ prefix }: JobWorld) =>
    telemetry === undefined ? {} : { telemetry: bullmqTelemetry(telemetry, { prefix }) };
  return {
    queue: (world, name) => world.hostQueue(name, options(world)),
    worker(world, name, processor, opts) {
      const wrapped = typeof processor === 'string' ? processor : wrapProcessor(processor, telemetry);
      const worker = world.hostWorker(name, wrapped, { ...opts, ...options(world) });
      observeWorker(worker, telemetry);
      return worker;
    },
    flows: (world) => world.hostFlows(options(world)),
  };
}

/** Every method throws. */
export function throwingTelemetry(): Partial<Telemetry> {
  const bomb = (): never => {
    throw new Error('thrown by a hostile telemetry');
  };
  const hooks = ['startSpan', 'activeContext', 'withContext', 'emitEvent', 'observe', 'isEnabled', 'flush'];
  const members = Object.fromEntries([...hooks, 'shutdown'].map((name) => [name, bomb]));
  return { ...members, propagation: { inject: bomb, extract: bomb } };
}
