import type { Attributes, AttributeValue } from '@throughline/core';
import { TelemetryAttributes } from 'bullmq';
import type { ObservedJob } from '../job/observed-job.ts';
import type { HostAttributes } from './host-span.ts';

/**
 * The names by which bullmq-otel tells of one queue: they are BullMQ's own, and so are the names of the attributes.
 *
 * @see {@link https://docs.bullmq.io/guide/telemetry | BullMQ: Telemetry}
 */
export class BullmqOtelNames {
  readonly #queue: string;
  #operation: 'add' | 'addNode' = 'add';
  #worker: Attributes | undefined;

  constructor(queue: string) {
    this.#queue = queue;
  }

  /** The jobs that are sent there are nodes of flows. */
  ofFlows(): void {
    this.#operation = 'addNode';
  }

  /** The worker that processes the queue, once there is one. */
  workedBy(id: string, name: string | undefined): void {
    this.#worker = { [TelemetryAttributes.WorkerId]: id, [TelemetryAttributes.WorkerName]: name };
  }

  addSpan(jobName: string): string {
    return this.#operation === 'add' ? `add ${this.#queue}.${jobName}` : `addNode ${this.#queue}`;
  }

  adding(jobName: string | undefined): Attributes {
    return {
      [TelemetryAttributes.QueueName]: this.#queue,
      [TelemetryAttributes.QueueOperation]: this.#operation,
      [TelemetryAttributes.JobName]: jobName,
    };
  }

  added(jobId: string | undefined): Attributes {
    return { [TelemetryAttributes.JobId]: jobId };
  }

  processing(job: ObservedJob): Attributes {
    return {
      ...this.#worker,
      [TelemetryAttributes.QueueName]: this.#queue,
      [TelemetryAttributes.QueueOperation]: 'process',
      [TelemetryAttributes.JobId]: job.id,
      [TelemetryAttributes.JobName]: job.name,
    };
  }

  processed(job: ObservedJob): Attributes {
    const now = Date.now();
    return {
      ...(finishedTimestamp && { [finishedTimestamp]: now }),
      [TelemetryAttributes.JobAttemptsMade]: job.attemptsMade,
      [TelemetryAttributes.JobAttemptFinishedTimestamp]: job.finishedOn || now,
      [TelemetryAttributes.JobProcessedTimestamp]: job.processedOn,
    };
  }
}

/** Of BullMQ 5 only. */
const finishedTimestamp = (TelemetryAttributes as Readonly<Record<string, string>>).JobFinishedTimestamp;

/** Results, progress, failed reasons and options are the user's. */
const harmless: readonly string[] = [
  TelemetryAttributes.QueueName,
  TelemetryAttributes.QueueOperation,
  TelemetryAttributes.JobName,
  TelemetryAttributes.JobId,
  TelemetryAttributes.BulkCount,
  TelemetryAttributes.BulkNames,
  TelemetryAttributes.JobSchedulerId,
  TelemetryAttributes.WorkerId,
  TelemetryAttributes.WorkerName,
];

/** The attributes by which BullMQ tells of an operation, those that may leave the process. */
export function hostNames(attributes: HostAttributes): Attributes {
  const told: Record<string, AttributeValue | undefined> = {};
  for (const name of harmless)
    if (attributes?.[name] !== undefined) told[name] = attributes[name] as AttributeValue;
  return told;
}
