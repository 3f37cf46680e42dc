/**
 * R19: mixed versions work: old, absent and unknown carriers, workers and queues with and without telemetry, and both majors
 * of BullMQ on one queue. Every job runs, and what can be joined is.
 */
import {
  bullmqTelemetry,
  Queue as TracedQueue,
  Worker as TracedWorker,
  wrapProcessor,
} from '@throughline/bullmq';
import { createTraceContext, formatTraceparent, type TraceContext } from '@throughline/core';
import { createRecordingTelemetry, type RecordingTelemetry } from '@throughline/core/testing';
import { waitFor } from '@throughline/testkit';
import { Queue, Worker } from 'bullmq';
import * as five from 'bullmq-5';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { openQueuePlace, type QueuePlace } from './support/queue-place.ts';

const origin = createTraceContext();
const traceparent = formatTraceparent(origin);
const futureVersion = traceparent.replace(/^00/, 'cc');

interface Sent {
  readonly what: string;
  /** What lies where the carrier of a job is. */
  readonly metadata: unknown;
  /** The trace that the worker goes on with; `undefined` for one of its own. */
  readonly continues: TraceContext | undefined;
  /** Whether something claimed to be a carrier and is not believed. @default false */
  readonly isRejected?: boolean;
}

const carriers: readonly Sent[] = [
  { what: 'no carrier', metadata: undefined, continues: undefined },
  { what: 'a traceparent alone', metadata: JSON.stringify({ traceparent }), continues: origin },
  {
    what: 'a tracestate and baggage beside it',
    metadata: JSON.stringify({ traceparent, tracestate: 'a=1', baggage: 'k=v' }),
    continues: origin,
  },
  {
    what: 'fields that nobody knows yet',
    metadata: JSON.stringify({ v: 2, traceparent, next: { a: 1 } }),
    continues: origin,
  },
  {
    what: 'a traceparent of a later version',
    metadata: JSON.stringify({ traceparent: futureVersion }),
    continues: origin,
  },
  {
    what: 'a later version with more fields',
    metadata: JSON.stringify({ traceparent: `${futureVersion}-what-comes-next` }),
    continues: origin,
  },
  {
    what: 'the forbidden version',
    metadata: JSON.stringify({ traceparent: traceparent.replace(/^00/, 'ff') }),
    continues: undefined,
    isRejected: true,
  },
  {
    what: 'version 00 with more fields',
    metadata: JSON.stringify({ traceparent: `${traceparent}-more` }),
    continues: undefined,
    isRejected: true,
  },
  {
    what: 'a carrier of another vendor',
    metadata: JSON.stringify({ 'sentry-trace': 'abc-def-1' }),
    continues: undefined,
  },
  { what: 'text that is no JSON', metadata: 'b3=1', continues: undefined, isRejected: true },
];

function place(): QueuePlace {
  const opened = openQueuePlace(inject('redisUrl'));
  onTestFinished(() => opened.leave());
  return opened;
}

async function processed(telemetry: RecordingTelemetry) {
  const find = () =>
    telemetry.spans.find((span) => span.name === 'process work' && span.endTime !== undefined);
  return waitFor(find, { what: 'the span of the job' });
}

describe('a job of another version', () => {
  it.each(carriers)('with $what is run and traced', async ({ metadata, continues, isRejected = false }) => {
    const { options, open } = place();
    const telemetry = createRecordingTelemetry();
    const ran: unknown[] = [];
    open(new TracedWorker('work', async ({ data }) => void ran.push(data), { ...options, telemetry }));
    const queue = open(new Queue('work', options));
    await queue.add('job', 7, metadata === undefined ? {} : { telemetry: { metadata: metadata as string } });

    const span = await processed(telemetry);

    expect(ran).toEqual([7]);
    expect(span.outcome).toBe('ok');
    expect(span.parent?.spanId).toBe(continues?.spanId);
    expect(span.context.traceId === origin.traceId).toBe(continues !== undefined);
    const rejected = Object.values(telemetry.health.rejectedCarriers);
    expect(rejected.reduce((sum, count) => sum + count, 0)).toBe(Number(isRejected));
  });
});

describe('a queue and a worker', () => {
  it('of which only the queue is traced still run the job, with its data as it was', async () => {
    const { options, open } = place();
    const telemetry = createRecordingTelemetry();
    const ran: unknown[] = [];
    open(new Worker('work', async ({ data }) => void ran.push(data), options));
    await open(new TracedQueue('work', { ...options, telemetry })).add('job', { a: 1 });
    await waitFor(() => ran.length === 1, { what: 'the job' });
    expect(ran).toEqual([{ a: 1 }]);
  });

  it.each([
    { names: 'BullMQ 5 and 6', sender: five, receiver: { Worker } },
    { names: 'BullMQ 6 and 5', sender: { Queue }, receiver: five },
  ])('of $names share one trace', async ({ sender, receiver }) => {
    const { options, open } = place();
    const sending = createRecordingTelemetry();
    const receiving = createRecordingTelemetry();
    const processor = wrapProcessor(async () => 'done', receiving);
    // The two majors type a connection differently, and take the same.
    const SendingQueue = sender.Queue as typeof Queue;
    const ReceivingWorker = receiver.Worker as unknown as typeof Worker;
    open(new ReceivingWorker('work', processor, { ...options, telemetry: bullmqTelemetry(receiving) }));
    await open(new SendingQueue('work', { ...options, telemetry: bullmqTelemetry(sending) })).add('job', 1);

    const span = await processed(receiving);
    const sent = sending.spans.find(({ name }) => name === 'send work');

    expect(span.parent?.spanId).toBe(sent?.context.spanId);
    expect(span.context.traceId).toBe(sent?.context.traceId);
  });
});
