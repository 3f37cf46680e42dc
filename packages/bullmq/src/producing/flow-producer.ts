import { noopTelemetry, type Telemetry } from '@throughline/core';
import {
  FlowProducer as BullFlowProducer,
  type FlowJob,
  type FlowOpts,
  type QueueBaseOptions as HostOptions,
  type JobNode,
} from 'bullmq';
import { BoundedMap } from '../job/bounded-map.ts';
import { TracedQueue } from '../job/traced-queue.ts';
import type { BullmqSettings } from '../settings/bullmq-settings.ts';
import { resolveOptions, type WithTelemetry } from '../settings/telemetry-option.ts';
import { FlowSend } from './flow-send.ts';
import { reportSent, type SentCall } from './report-sent.ts';

/** An application may have a queue for each of its customers. */
const mostQueues = 1_000;

/** BullMQ's flow producer options with a `telemetry` that may be one of Throughline. */
export type FlowProducerOptions = WithTelemetry<HostOptions> & {
  /** Prefix of all queue keys. @default 'bull' */
  readonly prefix?: string | undefined;
};

/**
 * BullMQ's `FlowProducer`, traced: a `send` span for every job of a flow, nested like the flow, and a carrier in the
 * options of every job, also of nodes that have none. The caller's flow is not changed.
 *
 * @example
 * ```ts
 * import { FlowProducer } from '@throughline/bullmq';
 * import { createOtelTelemetry } from '@throughline/otel';
 *
 * const flows = new FlowProducer({
 *   connection: { host: '127.0.0.1', port: 6379 },
 *   telemetry: createOtelTelemetry(),
 * });
 * await flows.add({
 *   name: 'report',
 *   queueName: 'reports',
 *   children: [{ name: 'fetch', queueName: 'downloads', data: { url: 'https://example.com' } }],
 * });
 * await flows.close();
 * ```
 * @see {@link https://docs.bullmq.io/guide/flows | BullMQ: Flows}
 */
export class FlowProducer extends BullFlowProducer {
  readonly #telemetry: Telemetry;
  readonly #settings: BullmqSettings;
  readonly #prefix: string;
  readonly #queues: BoundedMap<string, TracedQueue> = new BoundedMap(mostQueues);

  /**
   * @param opts BullMQ's options and `telemetry`
   * @param backend handed on: BullMQ 6's backend factory, BullMQ 5's `Connection` class
   * @throws TelemetryInvalidError when `telemetry` is not an object
   */
  constructor(opts?: FlowProducerOptions, backend?: unknown) {
    const { telemetry, settings, opts: host } = resolveOptions(opts);
    const traced = telemetry !== noopTelemetry;
    // BullMQ's class would trace with what it finds there; it gets it back for those who read `opts`.
    super((traced ? { ...host, telemetry: undefined } : host) as never, backend as never);
    if (traced) Object.assign(this.opts, { telemetry: host?.telemetry });
    this.#telemetry = telemetry;
    this.#settings = settings;
    this.#prefix = opts?.prefix ?? 'bull';
  }

  override async add(flow: FlowJob, opts?: FlowOpts): Promise<JobNode> {
    if (this.#telemetry === noopTelemetry || this.closing) return super.add(flow, opts);
    const [added] = await this.#deliver([flow], opts, async ([carrying = flow]) => [
      await super.add(carrying, opts),
    ]);
    return added as JobNode;
  }

  override async addBulk(flows: FlowJob[]): Promise<JobNode[]> {
    if (this.#telemetry === noopTelemetry || this.closing) return super.addBulk(flows);
    return this.#deliver(flows, undefined, (carrying) => super.addBulk(carrying));
  }

  async #deliver(
    flows: readonly FlowJob[],
    opts: FlowOpts | undefined,
    call: (carrying: FlowJob[]) => Promise<JobNode[]>,
  ): Promise<JobNode[]> {
    const startedAt = performance.now();
    const sends: FlowSend[] = [];
    try {
      for (const flow of flows) sends.push(this.#startSend(flow, opts));
      const added = await call(sends.map((send) => send.flow));
      for (const [index, send] of sends.entries()) send.sent(added[index]);
      this.#report(sends, startedAt);
      return added;
    } catch (error) {
      for (const send of sends) send.failed(error);
      this.#report(sends, startedAt, { error });
      throw error;
    }
  }

  /** One event per queue; the first one has the duration of the call. */
  #report(sends: readonly FlowSend[], startedAt: number, failure?: SentCall['failure']): void {
    const counts = new Map<TracedQueue, number>();
    for (const send of sends) send.countInto(counts);
    const [first] = counts.keys();
    for (const [queue, count] of counts)
      reportSent(this.#telemetry, queue, {
        count,
        startedAt: queue === first ? startedAt : undefined,
        failure,
      });
  }

  #startSend(flow: FlowJob, opts?: FlowOpts): FlowSend {
    const queueOf = (node: FlowJob): TracedQueue => this.#queueOf(node);
    return new FlowSend(flow, { telemetry: this.#telemetry, queueOf, queuesOptions: opts?.queuesOptions });
  }

  #queueOf({ queueName, prefix = this.#prefix }: FlowJob): TracedQueue {
    const qualifiedName = `${prefix}:${queueName}`;
    let queue = this.#queues.get(qualifiedName);
    if (queue === undefined) {
      queue = new TracedQueue(queueName, qualifiedName, this.#settings);
      queue.otherNames?.ofFlows();
      this.#queues.set(qualifiedName, queue);
    }
    return queue;
  }
}
