import type { Telemetry, TraceContext } from '@throughline/core';
import type { FlowJob, FlowQueuesOpts, JobNode } from 'bullmq';
import type { ObservedJobOptions } from '../job/observed-job.ts';
import type { TracedQueue } from '../job/traced-queue.ts';
import { markedAsParent } from './flow-parent-mark.ts';
import { JobSend } from './job-send.ts';

/** As many links as OpenTelemetry's SDKs keep of one span. The other children are found as spans below the parent's. */
const mostAwaited = 128;

/** What all nodes of a flow are sent with. */
export interface FlowSendOptions {
  readonly telemetry: Telemetry;
  readonly queueOf: (node: FlowJob) => TracedQueue;
  readonly queuesOptions?: FlowQueuesOpts | undefined;
}

/**
 * A flow on its way into its queues: a `send` span per job, nested like the flow, so that the whole tree is one trace
 * even when nothing is active.
 */
export class FlowSend {
  /** To be given to BullMQ in place of the caller's: new nodes with carriers, also where there were no options. */
  readonly flow: FlowJob;
  readonly #queue: TracedQueue;
  readonly #send: JobSend<ObservedJobOptions>;
  readonly #children: readonly FlowSend[];

  constructor(flow: FlowJob, options: FlowSendOptions, parent?: TraceContext) {
    this.#queue = options.queueOf(flow);
    this.#send = new JobSend<ObservedJobOptions>({
      telemetry: options.telemetry,
      queue: this.#queue,
      name: flow.name,
      data: flow.data,
      sentAs: 'flow',
      opts: flow.opts,
      defaults: options.queuesOptions?.[flow.queueName]?.defaultJobOptions,
      parent,
    });
    const children: readonly FlowJob[] = Array.isArray(flow.children) ? flow.children : [];
    this.#children = this.#started(children, options);
    this.#linkToAwaited();
    this.flow = this.#carrying(flow);
  }

  get context(): TraceContext {
    return this.#send.context;
  }

  /** @param added what BullMQ returned for this node */
  sent(added: JobNode | undefined): void {
    this.#send.sent(added?.job);
    for (const [index, child] of this.#children.entries()) child.sent(added?.children?.[index]);
  }

  failed(error: unknown): void {
    for (const { send } of this.#all()) send.failed(error);
  }

  /** Adds how many jobs go to each queue. */
  countInto(counts: Map<TracedQueue, number>): void {
    for (const { queue } of this.#all()) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  }

  /** A child that cannot be read ends what was started for the flow: nothing is sent. */
  #started(children: readonly FlowJob[], options: FlowSendOptions): readonly FlowSend[] {
    const started: FlowSend[] = [];
    try {
      for (const child of children) started.push(new FlowSend(child, options, this.#send.context));
      return started;
    } catch (error) {
      this.#send.failed(error);
      for (const child of started) child.failed(error);
      throw error;
    }
  }

  /** The worker that takes the parent up is not told of its children, so it is said here. */
  #linkToAwaited(): void {
    for (const { context } of this.#children.slice(0, mostAwaited))
      this.#send.addLink({ context, relation: 'waits_for' });
  }

  #carrying(flow: FlowJob): FlowJob {
    // Each by its name: a copy of a node that is of a class has its fields, and not what it inherits.
    const { name, queueName, prefix, data, children } = flow;
    const opts = this.#isSentWithCarrier(flow) ? markedAsParent(this.#send.opts) : this.#send.opts;
    const carried = { ...flow, name, queueName, prefix, data, opts, children } as FlowJob;
    if (this.#children.length === 0) return carried;
    return { ...carried, children: this.#children.map((child) => child.flow) };
  }

  /** A carrier that the caller brought is kept as it is. */
  #isSentWithCarrier({ opts }: FlowJob): boolean {
    return this.#children.length > 0 && this.#send.opts !== opts;
  }

  *#all(): Iterable<{ readonly send: JobSend<ObservedJobOptions>; readonly queue: TracedQueue }> {
    yield { send: this.#send, queue: this.#queue };
    for (const child of this.#children) yield* child.#all();
  }
}
