import type { RecordedSpan, RecordingTelemetry } from '@throughline/core/testing';
import { type NodeChild, spawnNode, waitFor } from '@throughline/testkit';
import type * as host from 'bullmq';
import { describe, expect, it } from 'vitest';
import { bullmqCarrier, bullmqTelemetry, observeWorker, type Relation } from '../src/index.ts';
import { ambientRecording, endedSpan, endedSpans, type JobWorld, openJobWorld } from './support/job-world.ts';
import { major, sameMajor } from './support/same-major.ts';

const tickWorker = new URL('fixtures/tick-worker.mjs', import.meta.url);
const every = 50;

async function startTickWorker({ connection, prefix }: JobWorld): Promise<NodeChild> {
  const args = [connection.host, String(connection.port), prefix];
  const child = spawnNode(tickWorker, args, { nodeOptions: sameMajor });
  await child.waitForLine(/^ready/);
  return child;
}

async function spansOf(child: NodeChild): Promise<readonly RecordedSpan[]> {
  await child.kill('SIGTERM');
  return JSON.parse((await child.waitForLine(/^spans/)).slice('spans '.length));
}

const ticksOf = (child: NodeChild): number => child.lines.filter((line) => line.startsWith('tick ')).length;

function traces(spans: readonly RecordedSpan[]): number {
  return new Set(spans.map(({ context }) => context.traceId)).size;
}

function expectTick(tick: RecordedSpan, upsert: RecordedSpan): void {
  expect(tick.parent).toBeUndefined();
  expect(tick.context.traceId).not.toBe(upsert.context.traceId);
  expect(tick.links.map(({ context, relation }) => [context.spanId, relation])).toEqual([
    [upsert.context.spanId, 'scheduled_by'],
  ]);
  expect(tick.attributes).toMatchObject({
    'throughline.origin.trace_id': upsert.context.traceId,
    'throughline.relation': 'link',
  });
}

/** The ways to set a schedule up: `upsert` of both majors, and `repeat` of BullMQ 5. */
const schedules: readonly {
  readonly what: string;
  readonly schedule: (queue: host.Queue, name: string) => Promise<unknown>;
}[] = [
  {
    what: 'a job scheduler',
    schedule: (queue, name) => queue.upsertJobScheduler('daily', { every }, { name, data: { a: 1 } }),
  },
  ...(major === '5'
    ? [
        {
          what: 'a repeatable job',
          schedule: (queue: host.Queue, name: string) =>
            queue.add(name, { a: 1 }, { repeat: { every } } as object),
        },
      ]
    : []),
];

describe.each(schedules)('$what', ({ schedule }) => {
  it('makes a trace of each tick, linked to the span that set it up, in another process', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const child = await startTickWorker(world);
    const queue = world.queue('reports', telemetry);

    await telemetry.startSpan('GET /start').run(() => schedule(queue, 'report'));
    await waitFor(() => ticksOf(child) >= 4, { what: 'four ticks' });

    const ticks = await spansOf(child);
    const upsert = await endedSpan(telemetry, 'send reports');
    expect(ticks.length).toBeGreaterThanOrEqual(4);
    for (const tick of ticks) expectTick(tick, upsert);
    expect(traces(ticks)).toBe(ticks.length);
    expect(ticks.map(({ name }) => name)).toEqual(ticks.map(() => 'process reports'));
  });

  it('is sent once, under what was active, by the name of its jobs', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const request = telemetry.startSpan('GET /start');

    await request.run(() => schedule(world.queue('reports', telemetry), 'report'));

    const sends = await endedSpans(telemetry, 'send reports');
    expect(sends.map(({ parent }) => parent?.spanId)).toEqual([request.context.spanId]);
    expect(sends[0]).toMatchObject({
      kind: 'producer',
      outcome: 'ok',
      entity: { system: 'bullmq', queue: `${world.prefix}:reports`, name: 'report' },
      attributes: { 'throughline.job.name': 'report' },
    });
  });

  it('leaves no span of the worker that adds the next tick', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('reports', async () => {}, telemetry);

    await schedule(world.hostQueue('reports'), 'report');

    const ticks = await endedSpans(telemetry, 'process reports', 3);
    expect(telemetry.spans.filter(({ name }) => name === 'send reports')).toEqual([]);
    for (const { parent, links } of ticks)
      expect({ parent, links }).toEqual({ parent: undefined, links: [] });
    expect(traces(ticks)).toBe(ticks.length);
  });

  it.each<Relation>(['parent', 'link', 'auto'])('is linked with relation %s, too', async (relation) => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const shaped = bullmqTelemetry(telemetry, { prefix: world.prefix, relation });
    world.worker('reports', async () => {}, shaped);

    await schedule(world.queue('reports', shaped), 'report');

    const ticks = await endedSpans(telemetry, 'process reports', 2);
    const upsert = await endedSpan(telemetry, 'send reports');
    for (const tick of ticks) expectTick(tick, upsert);
  });

  it('keeps what its jobs send in the trace of their tick', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const mail = world.queue('mail', telemetry);
    world.worker('reports', async () => void (await mail.add('welcome', {})), telemetry);

    await schedule(world.queue('reports', telemetry), 'report');

    const sends = await endedSpans(telemetry, 'send mail', 3);
    const ticks = await endedSpans(telemetry, 'process reports', 3);
    const parents = sends.slice(0, 3).map(({ parent }) => parent?.spanId);
    expect(parents).toEqual(ticks.slice(0, 3).map(({ context }) => context.spanId));
  });
});

describe('a job scheduler', () => {
  it('links later ticks to the newer upsert', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('reports', async () => {}, telemetry);
    const queue = world.queue('reports', telemetry);
    await queue.upsertJobScheduler('daily', { every });
    await endedSpans(telemetry, 'process reports', 2);

    await queue.upsertJobScheduler('daily', { every: every + 10 });

    const [first, second] = await endedSpans(telemetry, 'send reports', 2);
    const origins = (): (string | undefined)[] =>
      telemetry.spans
        .filter(({ name, endTime }) => name === 'process reports' && endTime !== undefined)
        .map(({ links }) => links[0]?.context.spanId);
    const newer = (): number => origins().filter((spanId) => spanId === second?.context.spanId).length;
    await waitFor(() => newer() >= 3, { what: 'three ticks of the newer schedule' });
    const expected = [first, second].map((span) => span?.context.spanId);
    expect(new Set(origins())).toEqual(new Set(expected));
    expect(origins().slice(-3)).toEqual([expected[1], expected[1], expected[1]]);
  });

  it('keeps a carrier of the template, and links to it', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const owner = telemetry.startSpan('owner').context;
    world.worker('reports', async () => {}, telemetry);

    await world
      .queue('reports', telemetry)
      .upsertJobScheduler('daily', { every }, { name: 'report', opts: { telemetry: bullmqCarrier(owner) } });

    const ticks = await endedSpans(telemetry, 'process reports', 2);
    for (const { links } of ticks) expect(links[0]?.context.spanId).toBe(owner.spanId);
  });

  it('leaves the stored template as it is without telemetry', async () => {
    const world = openJobWorld();
    const template = { name: 'report', data: [], opts: { attempts: 2 } };

    await world.queue('traced', ambientRecording()).upsertJobScheduler('daily', { every }, template);
    await world.hostQueue('bare').upsertJobScheduler('daily', { every }, template);

    const stored = (queue: string) =>
      world.redis.hmget(`${world.prefix}:${queue}:repeat:daily`, 'opts', 'data');
    expect(await stored('traced')).toEqual(await stored('bare'));
    expect(template).toEqual({ name: 'report', data: [], opts: { attempts: 2 } });
  });

  it('carries nothing when the template wants no context', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('reports', async () => {}, telemetry);
    const opts = { telemetry: { omitContext: true } };

    await world.queue('reports', telemetry).upsertJobScheduler('daily', { every }, { name: 'report', opts });

    const ticks = await endedSpans(telemetry, 'process reports', 2);
    for (const { parent, links } of ticks)
      expect({ parent, links }).toEqual({ parent: undefined, links: [] });
  });

  it('that BullMQ refuses is not sent', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const queue = world.queue('reports', telemetry);
    const strategy = { pattern: '* * *', every };

    await expect(queue.upsertJobScheduler('daily', strategy)).rejects.toThrow('Both .pattern and .every');

    expect(telemetry.spans).toEqual([]);
  });
});

describe("a job scheduler of BullMQ's own classes", () => {
  function openLayers(layers: { observed: boolean }): { telemetry: RecordingTelemetry; queue: host.Queue } {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const shaped = bullmqTelemetry(telemetry, { prefix: world.prefix });
    const worker = world.hostWorker('reports', async () => {}, { telemetry: shaped });
    if (layers.observed) observeWorker(worker, telemetry);
    return { telemetry, queue: world.hostQueue('reports', { telemetry: shaped }) };
  }

  it('makes a trace of each tick when the worker is observed', async () => {
    const { telemetry, queue } = openLayers({ observed: true });

    await queue.upsertJobScheduler('daily', { every });

    const ticks = await endedSpans(telemetry, 'process reports', 4);
    const [upsert] = await endedSpans(telemetry, 'send reports');
    if (upsert) for (const tick of ticks) expectTick(tick, upsert);
    expect(traces(ticks)).toBe(ticks.length);
  });

  it('keeps the first tick in the trace of the upsert, and no other, with telemetry alone', async () => {
    const { telemetry, queue } = openLayers({ observed: false });

    await queue.upsertJobScheduler('daily', { every });

    const [first, ...later] = await endedSpans(telemetry, 'process reports', 4);
    const [upsert] = await endedSpans(telemetry, 'send reports');
    expect(first?.parent?.spanId).toBe(upsert?.context.spanId);
    if (upsert) for (const tick of later) expectTick(tick, upsert);
    expect(traces(later)).toBe(later.length);
  });
});
