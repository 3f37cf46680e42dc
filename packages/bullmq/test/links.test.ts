import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  combineTelemetry,
  createEventTelemetry,
  type Telemetry,
  type TraceContext,
  traced,
} from '@throughline/core';
import { collectTrace, EventWriter, MemoryTraceStore, type TraceStore } from '@throughline/core/events';
import { createTraceGraph } from '@throughline/core/trace-graph';
import { openJournalStore } from '@throughline/journal-store';
import { createOtelTelemetry } from '@throughline/otel';
import { waitFor } from '@throughline/testkit';
import type { FlowJob, Job } from 'bullmq';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bullmqTelemetry } from '../src/index.ts';
import { ambientRecording, endedSpan, endedSpans, openJobWorld } from './support/job-world.ts';
import { registerOtel } from './support/real-otel.ts';

function openMemory(): TraceStore {
  return new MemoryTraceStore();
}

async function openJournal(): Promise<TraceStore> {
  const directory = await mkdtemp(join(tmpdir(), 'throughline-links-'));
  const store = await openJournalStore({ directory });
  onTestFinished(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return store;
}

function storingIn(store: TraceStore): Telemetry {
  const writer = new EventWriter(store, { process: false });
  return createEventTelemetry({ writer, ambient: new AsyncLocalStorage<TraceContext | undefined>() });
}

/** Two letters are sent in bulk by a request; the second one fails. */
async function sendLetters(
  telemetry: Telemetry,
): Promise<{ prefix: string; failedId: string; origin: string }> {
  const world = openJobWorld();
  const queue = world.queue('mail', telemetry);
  const worker = world.worker(
    'mail',
    async (job: Job) => {
      if (job.name === 'broken') throw new RangeError('no such address');
    },
    telemetry,
  );
  let settled = 0;
  worker.on('completed', () => settled++);
  worker.on('failed', () => settled++);
  const { added, origin } = await traced(telemetry, 'POST /letters', async (span) => ({
    added: await queue.addBulk(['fine', 'broken'].map((name) => ({ name, data: {} }))),
    origin: span.context.traceId,
  }));
  await waitFor(() => settled === 2, { what: 'both letters' });
  await worker.close();
  return { prefix: world.prefix, failedId: added[1]?.id ?? '', origin };
}

describe.each([
  { what: 'the memory store', open: openMemory },
  { what: 'the journal', open: openJournal },
])('a linked job in $what', ({ open }) => {
  async function tell() {
    const store = await open();
    const telemetry = storingIn(store);
    const { failedId, origin, prefix } = await sendLetters(telemetry);
    await telemetry.flush();
    const { traces } = await store.listTraces({ entityId: failedId, status: 'failed' });
    return { store, origin, prefix, failedId, jobs: traces.map(({ traceId }) => traceId) };
  }

  it('is found from its origin, by link and by attribute', async () => {
    const { store, origin, jobs } = await tell();

    const linked = await store.listTraces({ linkedTo: origin });
    const marked = await store.listTraces({ attributes: { 'throughline.origin.trace_id': origin } });

    expect(jobs).toHaveLength(1);
    expect(linked.traces).toHaveLength(2);
    expect(linked.traces.map(({ traceId }) => traceId)).toContain(jobs[0]);
    expect(marked.traces).toEqual(linked.traces);
  });

  it('is collected together with its origin, from either end', async () => {
    const { store, origin, jobs } = await tell();
    const [job = ''] = jobs;

    const fromOrigin = await collectTrace(store, origin);
    const fromJob = await collectTrace(store, job);

    expect(fromOrigin.traceIds[0]).toBe(origin);
    expect(fromOrigin.traceIds).toHaveLength(3);
    expect(fromJob.traceIds.slice(0, 2)).toEqual([job, origin]);
    expect(new Set(fromJob.traceIds)).toEqual(new Set(fromOrigin.traceIds));
  });

  it('is told as the cause when somebody asks why the request failed', async () => {
    const { store, origin, failedId, prefix } = await tell();

    const { events } = await collectTrace(store, origin);
    const { outcome, causes } = createTraceGraph(events).explainFailure();

    expect(outcome).toBe('failed');
    expect(causes).toHaveLength(1);
    expect(causes[0]?.span).toMatchObject({
      entity: { system: 'bullmq', queue: `${prefix}:mail`, id: failedId },
      error: { type: 'RangeError', message: 'no such address' },
    });
  });
});

describe('a linked job in both sinks at once', () => {
  it('has the same ids, the same link and the same origin', async () => {
    const otel = registerOtel();
    const store = new MemoryTraceStore();
    const telemetry = combineTelemetry(createOtelTelemetry(), storingIn(store));

    const { origin } = await sendLetters(telemetry);
    await telemetry.flush();

    const processes = otel.spans().filter(({ name }) => name === 'process mail');
    expect(processes).toHaveLength(2);
    for (const span of processes) {
      const { attributes, links, parentSpanContext } = span;
      const { traceId, spanId } = span.spanContext();
      const stored = (await store.getTrace(traceId)).find(({ event_type }) => event_type === 'job:started');
      expect(parentSpanContext).toBeUndefined();
      expect(attributes['throughline.origin.trace_id']).toBe(origin);
      expect(links.map(({ context, attributes }) => [context.traceId, attributes])).toEqual([
        [origin, { 'throughline.relation': 'produced_by' }],
      ]);
      expect(stored).toMatchObject({
        span_id: spanId,
        data: {
          attributes: { 'throughline.origin.trace_id': origin },
          links: [{ trace_id: origin, span_id: links[0]?.context.spanId, relation: 'produced_by' }],
        },
      });
    }
  });
});

const report: FlowJob = {
  name: 'report',
  queueName: 'reports',
  children: [
    { name: 'fetch', queueName: 'downloads', children: [{ name: 'sign-in', queueName: 'sessions' }] },
    { name: 'fetch', queueName: 'downloads', opts: { failParentOnFailure: true } },
  ],
};

describe('a flow', () => {
  it("has waits_for links on each parent's send span, to the sends of its children", async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();

    await world.flows(telemetry).add(report);

    const root = await endedSpan(telemetry, 'send reports');
    const [first, second] = await endedSpans(telemetry, 'send downloads', 2);
    const leaf = await endedSpan(telemetry, 'send sessions');
    const waitsFor = ({ links }: typeof root) =>
      links.map(({ context, relation }) => [context.spanId, relation]);
    expect(waitsFor(root)).toEqual([first, second].map((span) => [span?.context.spanId, 'waits_for']));
    expect([first, second].map((span) => span && waitsFor(span))).toEqual([
      [[leaf.context.spanId, 'waits_for']],
      [],
    ]);
    expect(waitsFor(leaf)).toEqual([]);
  });

  it('has 128 of them at the most', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const children = Array.from({ length: 130 }, () => ({ name: 'fetch', queueName: 'downloads' }));

    await world.flows(telemetry).add({ name: 'report', queueName: 'reports', children });

    expect((await endedSpan(telemetry, 'send reports')).links).toHaveLength(128);
  });

  it('stays one trace when its jobs are delayed, added by addBulk, and added to later', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    for (const name of ['reports', 'downloads', 'sessions']) world.worker(name, async () => {}, telemetry);
    const opts = { delay: 3_600_000 };
    const flows = [
      { name: 'a', queueName: 'reports', opts, children: [{ name: 'fetch', queueName: 'downloads', opts }] },
      { name: 'b', queueName: 'reports' },
    ];

    const [delayed] = await world.flows(telemetry).addBulk(flows);
    await delayed?.children?.[0]?.job.promote();
    await waitFor(async () => (await delayed?.job.isDelayed()) === true, { what: 'the children to be done' });
    await delayed?.job.promote();

    const processes = [
      ...(await endedSpans(telemetry, 'process reports', 2)),
      ...(await endedSpans(telemetry, 'process downloads', 1)),
    ];
    const sends = telemetry.spans.filter(({ kind }) => kind === 'producer');
    expect(processes.map(({ links }) => links)).toEqual([[], [], []]);
    expect(new Set(processes.map(({ parent }) => parent?.spanId))).toEqual(
      new Set(sends.map(({ context }) => context.spanId)),
    );
  });

  it("of BullMQ's own FlowProducer keeps its delayed children, too", async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('downloads', async () => {}, telemetry);
    const child = { name: 'fetch', queueName: 'downloads', opts: { delay: 3_600_000 } };
    const flows = world.hostFlows({ telemetry: bullmqTelemetry(telemetry, { prefix: world.prefix }) });

    const { children } = await flows.add({ name: 'report', queueName: 'reports', children: [child] });
    await children?.[0]?.job.promote();

    const process = await endedSpan(telemetry, 'process downloads');
    const send = await endedSpan(telemetry, 'send downloads');
    expect(process.parent?.spanId).toBe(send.context.spanId);
  });

  it('whose child fails tells the child as the cause', async () => {
    const world = openJobWorld();
    const store = new MemoryTraceStore();
    const telemetry = storingIn(store);
    world.worker('sessions', async () => {}, telemetry);
    world.worker(
      'downloads',
      async () => {
        throw new RangeError('not found');
      },
      telemetry,
    );
    const reports = world.worker('reports', async () => {}, telemetry);
    let failed = false;
    reports.on('failed', () => {
      failed = true;
    });

    const { job } = await world.flows(telemetry).add(report);
    await waitFor(() => failed, { what: 'the report to fail' });
    await reports.close();
    await telemetry.flush();

    const { traces } = await store.listTraces({ entityId: job.id, queue: `${world.prefix}:reports` });
    const { events } = await collectTrace(store, traces[0]?.traceId ?? '');
    const graph = createTraceGraph(events);
    const { causes } = graph.explainFailure();
    expect(traces).toHaveLength(1);
    expect(graph.diagnostics()).toEqual([]);
    expect(new Set(causes.map(({ span }) => span.error?.message))).toEqual(new Set(['not found']));
  });
});
