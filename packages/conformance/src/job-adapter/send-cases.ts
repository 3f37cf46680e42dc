import { type JsonValue, traced } from '@throughline/core';
import { demand, demandSame, describe, rejectionOf } from '../suite/demand.ts';
import type { SentJob } from './job-adapter-harness.ts';
import type { JobAdapterCase } from './job-adapter-world.ts';

export const welcome: SentJob = { name: 'welcome', data: { to: 'ada@example.org' }, attempts: 1 };

/** `send`: what is recorded where a job is sent, and what travels with it. */
export const sendCases: readonly JobAdapterCase[] = [
  {
    id: '1a',
    title: 'records one producer span for each job that is sent',
    async run({ jobs, ended }) {
      for (const name of ['a', 'b', 'c']) await jobs.send({ ...welcome, name });
      const spans = await ended('producer', 3);
      demandSame(
        spans.map(({ outcome }) => outcome),
        ['ok', 'ok', 'ok'],
        'the outcomes',
      );
      demandSame(new Set(spans.map(({ context }) => context.traceId)).size, 3, 'the number of traces');
    },
  },
  {
    id: '1b',
    title: 'makes the producer span a child of what is active where the job is sent',
    needs: ['ambient'],
    async run({ jobs, telemetry, only }) {
      const request = await traced(telemetry, 'POST /orders', async ({ context }) => {
        await jobs.send(welcome);
        return context;
      });
      const { context, parent } = await only('producer');
      demandSame(
        [context.traceId, parent?.spanId],
        [request.traceId, request.spanId],
        'the trace and parent',
      );
    },
  },
  {
    id: '2',
    title: 'leaves the payload as it is',
    async run({ jobs }) {
      const seen = new Map<string, JsonValue>();
      await jobs.process(async ({ id, data }) => {
        seen.set(id, data);
        return null;
      });
      for (const data of payloads) {
        const before = JSON.stringify(data);
        const id = await jobs.send({ ...welcome, data });
        await jobs.settled(id);
        demandSame(seen.get(id), JSON.parse(before), 'the payload that the processor saw');
        demandSame(JSON.stringify(data), before, "the sender's object");
      }
    },
  },
  {
    id: '10',
    title: 'records a send that the queue refuses, and hands on its very error',
    needs: ['refused'],
    async run({ jobs, only }) {
      demand(jobs.sendRefused !== undefined, 'there is no sendRefused: say capabilities.refused is false');
      const error = await rejectionOf(() => jobs.sendRefused?.());
      demand(error !== undefined, 'the refused send resolved');
      const span = await only('producer');
      demandSame(span.outcome, 'error', 'the outcome');
      demand(span.error === error, `the span has ${describe(span.error)}, and the sender ${describe(error)}`);
    },
  },
];

const payloads: readonly JsonValue[] = [
  {},
  { traceparent: 'mine', tracestate: 'mine', telemetry: { metadata: 'mine' }, _trace: 1 },
  { nested: { list: [1, 'two', null, { three: 3 }] }, text: 'näme 😀 "quoted"' },
];
