import {
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_SYSTEM,
  noopTelemetry,
  type Telemetry,
} from '@throughline/core';
import { SpanKind, type Tracer } from 'bullmq';
import { relationOfOperation } from '../carrier/carried-relation.ts';
import { BoundedMap } from '../job/bounded-map.ts';
import { TracedQueue } from '../job/traced-queue.ts';
import type { BullmqSettings } from '../settings/bullmq-settings.ts';
import { HostOrigin } from './host-contexts.ts';
import { HostInternalSpan, type JobListener } from './host-internal-span.ts';
import { HostProcessSpan, type ProcessSpanHost } from './host-process-span.ts';
import { HostSendSpan } from './host-send-span.ts';
import { type HostSpan, silentSpan } from './host-span.ts';

/** The PRODUCER operations that send jobs. `addFlow` and `addBulkFlows` only hold together their `addNode`s. */
const sending: ReadonlySet<string> = new Set(['add', 'addBulk', 'addNode']);
/** The INTERNAL operations that move a failed job, and whether another attempt follows. */
const verdicts: ReadonlyMap<string, boolean> = new Map([
  ['retry', true],
  ['delay', true],
  ['fail', false],
]);

/** One object may serve them all, and an application may have a queue for each of its customers. */
const mostQueues = 1_000;

/** BullMQ's tracer on our port. */
export class HostTracer implements Tracer<unknown>, ProcessSpanHost {
  readonly telemetry: Telemetry;
  readonly open: Set<HostProcessSpan> = new Set();
  readonly #settings: BullmqSettings;
  readonly #queues: BoundedMap<string, TracedQueue> = new BoundedMap(mostQueues);

  constructor(telemetry: Telemetry, settings: BullmqSettings) {
    this.telemetry = telemetry;
    this.#settings = settings;
  }

  /** @param name `<operation> <destination>`, BullMQ's own */
  startSpan(name: string, options?: { readonly kind?: SpanKind }, context?: unknown): HostSpan {
    if (this.telemetry === noopTelemetry) return silentSpan;
    const operation = operationOf(name);
    switch (options?.kind) {
      case SpanKind.CONSUMER:
        return new HostProcessSpan(this, context instanceof HostOrigin ? context : undefined);
      case SpanKind.PRODUCER:
        return sending.has(operation)
          ? new HostSendSpan(
              this.telemetry,
              (queueName) => this.queueNamed(queueName),
              name,
              relationOfOperation(this.#settings, operation),
            )
          : silentSpan;
      default:
        return this.#internalSpan(name, operation);
    }
  }

  queueNamed(name: string): TracedQueue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new TracedQueue(name, `${this.#settings.prefix}:${name}`, this.#settings);
      this.#queues.set(name, queue);
    }
    return queue;
  }

  #internalSpan(name: string, operation: string): HostSpan {
    const onJob = this.#verdictListener(verdicts.get(operation));
    if (!this.#settings.internalSpans) return onJob ? new HostInternalSpan(undefined, onJob) : silentSpan;
    const attributes = { [ATTR_MESSAGING_SYSTEM]: 'bullmq', [ATTR_MESSAGING_OPERATION_NAME]: operation };
    return new HostInternalSpan(this.telemetry.startSpan(name, { attributes }), onJob, this.#settings);
  }

  #verdictListener(willRetry: boolean | undefined): JobListener | undefined {
    if (willRetry === undefined) return undefined;
    return (queueName, jobId) => {
      for (const span of this.open) span.failedJobMoves(queueName, jobId, willRetry);
    };
  }
}

function operationOf(name: unknown): string {
  if (typeof name !== 'string') return '';
  const end = name.indexOf(' ');
  return end < 0 ? name : name.slice(0, end);
}
