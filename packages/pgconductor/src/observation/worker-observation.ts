import type { ConductorCore } from '../conductor/conductor-core.ts';
import type { EngineTelemetry } from '../telemetry/engine-telemetry.ts';
import { QueueObserver } from './queue-observer.ts';
import { observeSlots, type Slots } from './slots-observer.ts';

/** What an orchestrator shows when metrics are collected: how busy it is, and, one of them for all, the queues. */
export class WorkerObservation {
  readonly #telemetry: EngineTelemetry;
  readonly #workers: Iterable<Slots>;
  readonly #concurrency: number;
  readonly #queues: QueueObserver;
  #stopSlots: (() => void) | undefined;

  constructor(
    core: ConductorCore,
    telemetry: EngineTelemetry,
    orchestrator: {
      readonly id: string;
      readonly workers: Iterable<Slots>;
      readonly concurrency: number;
    },
  ) {
    this.#telemetry = telemetry;
    this.#workers = orchestrator.workers;
    this.#concurrency = orchestrator.concurrency;
    this.#queues = new QueueObserver(core, telemetry, orchestrator.id);
  }

  start(): void {
    this.#stopSlots = observeSlots(this.#telemetry, this.#workers, this.#concurrency);
    this.#queues.start();
  }

  async stop(): Promise<void> {
    this.#stopSlots?.();
    await this.#queues.stop();
  }
}
