import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Telemetry, TraceContext } from '@throughline/core';
import {
  createRecordingTelemetry,
  type RecordedSpan,
  type RecordingTelemetry,
} from '@throughline/core/testing';
import { waitFor } from '@throughline/testkit';
import * as host from 'bullmq';
import { Redis } from 'ioredis';
import { inject, onTestFinished } from 'vitest';
import { FlowProducer, Queue, Worker, type WorkerOptions } from '../../src/index.ts';

type Processor = host.Processor;
type Telemetric = Partial<Telemetry> | host.Telemetry | undefined;

/** What one test needs of BullMQ: a key prefix of its own, and everything closed and removed when it is over. */
export interface JobWorld {
  readonly prefix: string;
  readonly connection: { readonly host: string; readonly port: number };
  readonly redis: Redis;
  /** The drop-in classes. */
  queue(name: string, telemetry: Telemetric, opts?: Partial<host.QueueOptions>): Queue;
  worker(
    name: string,
    processor: Processor | string | null,
    telemetry: Telemetric,
    opts?: Partial<WorkerOptions>,
  ): Worker;
  flows(telemetry: Telemetric, opts?: Partial<host.QueueBaseOptions>): FlowProducer;
  /** BullMQ's own classes. */
  hostQueue(name: string, opts?: Partial<host.QueueOptions>): host.Queue;
  hostWorker(name: string, processor: Processor | string, opts?: Partial<host.WorkerOptions>): host.Worker;
  hostFlows(opts?: Partial<host.QueueBaseOptions>): host.FlowProducer;
  /** A hash field of a stored job. */
  stored(queue: string, jobId: string, field: string): Promise<string | null>;
}

interface Closable {
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export function openJobWorld(): JobWorld {
  const { hostname, port } = new URL(inject('redisUrl'));
  const connection = { host: hostname, port: Number(port) };
  const prefix = `test-${randomUUID()}`;
  const redis = new Redis(connection);
  const opened: Closable[] = [];
  const base = { connection, prefix };
  // Errors of the queue library belong to the test that provokes them; unheard ones would end the process.
  const open = <T extends Closable>(closable: T): T => {
    closable.on('error', () => {});
    opened.unshift(closable);
    return closable;
  };
  onTestFinished(async () => {
    await Promise.all(opened.map((each) => each.close()));
    const keys = await redis.keys(`${prefix}:*`);
    if (keys.length > 0) await redis.del(...keys);
    await redis.quit();
  });
  return {
    prefix,
    connection,
    redis,
    queue: (name, telemetry, opts) => open(new Queue(name, { ...base, ...opts, telemetry })),
    worker: (name, processor, telemetry, opts) =>
      open(new Worker(name, processor, { ...base, ...opts, telemetry })),
    flows: (telemetry, opts) => open(new FlowProducer({ ...base, ...opts, telemetry })),
    hostQueue: (name, opts) => open(new host.Queue(name, { ...base, ...opts })),
    hostWorker: (name, processor, opts) => open(new host.Worker(name, processor, { ...base, ...opts })),
    hostFlows: (opts) => open(new host.FlowProducer({ ...base, ...opts })),
    stored: (queue, jobId, field) => redis.hget(`${prefix}:${queue}:${jobId}`, field),
  };
}

/** A recording telemetry whose active context follows promises. */
export function ambientRecording(): RecordingTelemetry {
  return createRecordingTelemetry({ ambient: new AsyncLocalStorage<TraceContext | undefined>() });
}

/** Waits until `count` spans of that name have ended, and returns them in the order of their start. */
export async function endedSpans(
  telemetry: RecordingTelemetry,
  name: string,
  count = 1,
): Promise<readonly RecordedSpan[]> {
  const ended = (): readonly RecordedSpan[] =>
    telemetry.spans.filter((span) => span.name === name && span.endTime !== undefined);
  await waitFor(() => ended().length >= count, { what: `${count} ended spans ${name}` });
  return ended();
}

/** The one span of that name, ended. */
export async function endedSpan(telemetry: RecordingTelemetry, name: string): Promise<RecordedSpan> {
  const [span] = await endedSpans(telemetry, name);
  if (!span) throw new Error(`no span ${name}`);
  return span;
}
