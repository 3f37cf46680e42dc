import { createTraceContext, OptionInvalidError, readCarrier } from '@throughline/core';
import type { RecordedSpan, RecordingTelemetry } from '@throughline/core/testing';
import type { JobsOptions } from 'bullmq';
import { describe, expect, it, vi } from 'vitest';
import {
  type BullmqTelemetryOptions,
  bullmqCarrier,
  bullmqTelemetry,
  jobRelation,
  observeWorker,
  type Relation,
} from '../src/index.ts';
import { ambientRecording, endedSpan, endedSpans, type JobWorld, openJobWorld } from './support/job-world.ts';

/** What one job, or each of a bulk, came to. */
type Outcome = 'parent' | 'link' | 'neither';

function outcomeOf(process: RecordedSpan, send: RecordedSpan): Outcome {
  if (process.parent?.spanId === send.context.spanId && process.links.length === 0) return 'parent';
  const [link, ...others] = process.links;
  const isLinked =
    process.parent === undefined &&
    process.context.traceId !== send.context.traceId &&
    link?.context.spanId === send.context.spanId &&
    link.relation === 'produced_by' &&
    others.length === 0 &&
    process.attributes['throughline.origin.trace_id'] === send.context.traceId &&
    process.attributes['throughline.relation'] === 'link';
  return isLinked ? 'link' : 'neither';
}

async function outcomes(telemetry: RecordingTelemetry, count: number): Promise<readonly Outcome[]> {
  const sends = await endedSpans(telemetry, 'send mail', count);
  const processes = await endedSpans(telemetry, 'process mail', count);
  const idOf = (span: RecordedSpan) => span.attributes['messaging.message.id'];
  return sends.map((send) => {
    const process = processes.find((span) => idOf(span) === idOf(send));
    return process ? outcomeOf(process, send) : 'neither';
  });
}

interface Sides {
  readonly queue?: BullmqTelemetryOptions;
  readonly worker?: BullmqTelemetryOptions;
}

/** The drop-in classes, each with settings of its own. */
function openMail({ queue, worker }: Sides = {}) {
  const world = openJobWorld();
  const telemetry = ambientRecording();
  const settingsOf = (settings: BullmqTelemetryOptions | undefined) =>
    settings ? bullmqTelemetry(telemetry, { ...settings, prefix: world.prefix }) : telemetry;
  world.worker('mail', async () => {}, settingsOf(worker));
  return { world, telemetry, mail: world.queue('mail', settingsOf(queue)) };
}

describe("the relation 'auto'", () => {
  it.each<{ what: string; opts?: JobsOptions; sides?: Sides; expected: Outcome }>([
    { what: 'a single job', expected: 'parent' },
    { what: 'a prioritised job', opts: { priority: 5 }, expected: 'parent' },
    { what: 'a short delay', opts: { delay: 10 }, expected: 'parent' },
    {
      what: 'a delay at the threshold',
      opts: { delay: 10 },
      sides: { worker: { delayThresholdMs: 10 } },
      expected: 'parent',
    },
    {
      what: 'a delay above the threshold',
      opts: { delay: 11 },
      sides: { worker: { delayThresholdMs: 10 } },
      expected: 'link',
    },
    {
      what: 'a delay, with a threshold that none is above',
      opts: { delay: 10 },
      sides: { worker: { delayThresholdMs: Number.POSITIVE_INFINITY } },
      expected: 'parent',
    },
  ])('means $expected for $what', async ({ opts, sides, expected }) => {
    const { telemetry, mail } = openMail(sides);

    await mail.add('welcome', {}, opts);

    expect(await outcomes(telemetry, 1)).toEqual([expected]);
  });

  it('means link for a job that was promoted out of a long delay', async () => {
    const { telemetry, mail } = openMail();

    const job = await mail.add('welcome', {}, { delay: 3_600_000 });
    await job.promote();

    expect(await outcomes(telemetry, 1)).toEqual(['link']);
  });

  it('means link for every start of a job that is retried after a long delay', async () => {
    const { telemetry, world } = openMail();
    const run = vi.fn().mockRejectedValueOnce(new Error('busy'));
    world.worker('retried', run, telemetry);

    const job = await world.queue('retried', telemetry).add('welcome', {}, { delay: 3_600_000, attempts: 2 });
    await job.promote();

    const [first, second] = await endedSpans(telemetry, 'process retried', 2);
    const origins = [first, second].map((span) => span?.attributes['throughline.origin.trace_id']);
    const send = await endedSpan(telemetry, 'send retried');
    expect(origins).toEqual([send.context.traceId, send.context.traceId]);
  });

  it.each<{ count: number; settings?: BullmqTelemetryOptions; expected: Outcome }>([
    { count: 1, expected: 'parent' },
    { count: 2, expected: 'link' },
    { count: 2, settings: { bulkThreshold: 3 }, expected: 'parent' },
    { count: 3, settings: { bulkThreshold: 3 }, expected: 'link' },
    { count: 1, settings: { bulkThreshold: 1 }, expected: 'link' },
    { count: 3, settings: { bulkThreshold: Number.POSITIVE_INFINITY }, expected: 'parent' },
  ])('means $expected for an addBulk of $count with $settings', async ({ count, settings, expected }) => {
    const { telemetry, mail } = openMail(settings ? { queue: settings } : {});

    await mail.addBulk(Array.from({ length: count }, (_, n) => ({ name: 'welcome', data: n })));

    expect(await outcomes(telemetry, count)).toEqual(Array.from({ length: count }, () => expected));
  });

  it('means parent for jobs of a bulk that another job waits for', async () => {
    const { telemetry, mail, world } = openMail();
    world.worker('pages', async () => {}, telemetry);
    const flow = await world.flows(telemetry).add({
      name: 'letter',
      queueName: 'mail',
      children: [{ name: 'first', queueName: 'later' }],
    });
    const parent = { id: flow.job.id ?? '', queue: mail.qualifiedName };

    await world.queue('pages', telemetry).addBulk([
      { name: 'a', data: {}, opts: { parent } },
      { name: 'b', data: {}, opts: { parent } },
    ]);

    const pages = await endedSpans(telemetry, 'process pages', 2);
    const sends = await endedSpans(telemetry, 'send pages', 2);
    expect(new Set(pages.map((span) => span.parent?.spanId))).toEqual(
      new Set(sends.map((span) => span.context.spanId)),
    );
  });
});

describe('the setting', () => {
  const delayed: JobsOptions = { delay: 11 };
  const short: BullmqTelemetryOptions = { delayThresholdMs: 10 };

  it.each<{ what: string; sides: Sides; opts?: JobsOptions; expected: Outcome }>([
    { what: 'link of the queue', sides: { queue: { relation: 'link' } }, expected: 'link' },
    { what: 'link of the worker', sides: { worker: { relation: 'link' } }, expected: 'link' },
    {
      what: 'parent of the queue, for a long delay',
      sides: { queue: { relation: 'parent' }, worker: short },
      opts: delayed,
      expected: 'parent',
    },
    {
      what: 'parent of the worker, for a long delay',
      sides: { worker: { ...short, relation: 'parent' } },
      opts: delayed,
      expected: 'parent',
    },
    {
      what: 'parent of the worker over link of the queue',
      sides: { queue: { relation: 'link' }, worker: { relation: 'parent' } },
      expected: 'parent',
    },
    {
      what: 'link of the worker over parent of the job',
      sides: { worker: { relation: 'link' } },
      opts: { telemetry: jobRelation('parent') },
      expected: 'link',
    },
    { what: 'link of the job', sides: {}, opts: { telemetry: jobRelation('link') }, expected: 'link' },
    {
      what: 'parent of the job, for a long delay',
      sides: { worker: short },
      opts: { ...delayed, telemetry: jobRelation('parent') },
      expected: 'parent',
    },
    {
      what: 'auto of the job over link of the queue',
      sides: { queue: { relation: 'link' } },
      opts: { telemetry: jobRelation('auto') },
      expected: 'parent',
    },
  ])('$what holds', async ({ sides, opts, expected }) => {
    const { telemetry, mail } = openMail(sides);

    await mail.add('welcome', {}, opts);

    expect(await outcomes(telemetry, 1)).toEqual([expected]);
  });

  it("may be the queue's default, with jobs that say otherwise", async () => {
    const { telemetry, world } = openMail();
    // BullMQ takes it there, and does not list it in its type.
    const defaultJobOptions: object = { telemetry: jobRelation('link') };
    const mail = world.queue('mail', telemetry, { defaultJobOptions });

    await mail.add('welcome', {});
    await mail.add('welcome', {}, { telemetry: jobRelation('parent') });

    expect(await outcomes(telemetry, 2)).toEqual(['link', 'parent']);
  });

  it('is told job by job in a bulk', async () => {
    const { telemetry, mail } = openMail();

    await mail.addBulk([
      { name: 'a', data: {}, opts: { telemetry: jobRelation('parent') } },
      { name: 'b', data: {} },
    ]);

    expect(await outcomes(telemetry, 2)).toEqual(['parent', 'link']);
  });

  it.each(['queue', 'worker'] as const)(
    'may be a function of the job, on the side of the %s',
    async (side) => {
      const relation = vi.fn(({ data }: { data: unknown }): Relation => (data === 5 ? 'link' : 'auto'));
      const { telemetry, mail } = openMail({ [side]: { relation } });

      await mail.add('welcome', 5);
      await mail.add('welcome', 'x');

      expect(await outcomes(telemetry, 2)).toEqual(['link', 'parent']);
      expect(relation).toHaveBeenCalledTimes(2);
      expect(relation.mock.calls[0]?.[0]).toMatchObject({
        name: 'welcome',
        queueName: 'mail',
        data: 5,
        opts: {},
      });
    },
  );

  it("shows a function the queue's default options", async () => {
    const relation = vi.fn((): Relation => 'auto');
    const world = openJobWorld();
    const telemetry = bullmqTelemetry(ambientRecording(), { relation });

    await world
      .queue('mail', telemetry, { defaultJobOptions: { attempts: 3 } })
      .add('a', {}, { priority: 1 });

    expect(relation).toHaveBeenCalledWith(expect.objectContaining({ opts: { attempts: 3, priority: 1 } }));
  });

  it.each<{ what: string; relation: () => unknown }>([
    { what: 'throws', relation: () => void JSON.parse('{') },
    { what: 'returns no relation', relation: () => 'child' },
    { what: 'returns a promise that rejects', relation: () => Promise.reject(new Error('late')) },
  ])('is auto when its function $what, and that is counted', async ({ relation }) => {
    vi.spyOn(console, 'warn').mockReturnValue();
    const { telemetry, mail } = openMail({ worker: { relation: relation as () => Relation } });

    await mail.add('welcome', {});

    expect(await outcomes(telemetry, 1)).toEqual(['parent']);
    expect(telemetry.health.failures).toEqual({ 'bullmq.relation': 1 });
  });

  it.each<BullmqTelemetryOptions>([
    { relation: 'child' as never },
    { relation: null as never },
    { bulkThreshold: 0 },
    { bulkThreshold: Number.NaN },
    { delayThresholdMs: -1 },
    { delayThresholdMs: 'long' as never },
  ])('is refused at construction when it cannot be meant: %o', (options) => {
    expect(() => bullmqTelemetry(ambientRecording(), options)).toThrow(OptionInvalidError);
  });
});

describe('jobRelation', () => {
  it('reaches Redis as a carrier and nothing else', async () => {
    const { world, telemetry, mail } = openMail();

    const { id = '' } = await mail.add('welcome', {}, { telemetry: jobRelation('link') });

    const { context } = await endedSpan(telemetry, 'send mail');
    const { tm, ...others } = JSON.parse((await world.stored('mail', id, 'opts')) ?? '');
    const { traceId, spanId } = context;
    expect(readCarrier(tm)).toMatchObject({ context: { traceId, spanId }, relation: 'link' });
    expect(Object.keys(JSON.parse(tm))).toEqual(['traceparent', 'relation']);
    expect(others).toEqual({ attempts: 0 });
  });

  it.each([
    { what: "BullMQ's own queue", open: (world: JobWorld) => world.hostQueue('mail') },
    { what: 'a drop-in queue without telemetry', open: (world: JobWorld) => world.queue('mail', undefined) },
  ])('leaves no trace in Redis when added by $what', async ({ open }) => {
    const world = openJobWorld();

    const { id = '' } = await open(world).add('welcome', {}, { telemetry: jobRelation('link') });

    expect(JSON.parse((await world.stored('mail', id, 'opts')) ?? '')).toEqual({ attempts: 0 });
  });

  it('gives way to omitContext', async () => {
    const { world, mail } = openMail();
    const telemetry = { ...jobRelation('link'), omitContext: true };

    const { id = '' } = await mail.add('welcome', {}, { telemetry });

    expect(JSON.parse((await world.stored('mail', id, 'opts')) ?? '')).toEqual({ attempts: 0, omc: true });
  });

  it('refuses what is no relation', () => {
    expect(() => jobRelation('child' as never)).toThrow(OptionInvalidError);
  });
});

describe('a carrier of the caller', () => {
  it.each<{ relation: Relation; delay: number; expected: Outcome }>([
    { relation: 'auto', delay: 0, expected: 'parent' },
    { relation: 'link', delay: 0, expected: 'link' },
    { relation: 'parent', delay: 11, expected: 'parent' },
    { relation: 'auto', delay: 11, expected: 'link' },
  ])(
    'with relation $relation and a delay of $delay ms means $expected',
    async ({ relation, delay, expected }) => {
      const { telemetry, mail } = openMail({ worker: { delayThresholdMs: 10 } });
      const context = createTraceContext();

      await mail.add('welcome', {}, { delay, telemetry: bullmqCarrier(context, { relation }) });

      const process = await endedSpan(telemetry, 'process mail');
      const spanId = expected === 'parent' ? process.parent?.spanId : process.links[0]?.context.spanId;
      expect(spanId).toBe(context.spanId);
      expect(process.context.traceId === context.traceId).toBe(expected === 'parent');
    },
  );

  it('in a bulk is kept as it is', async () => {
    const { telemetry, mail } = openMail();
    const context = createTraceContext();
    const own = { name: 'a', data: {}, opts: { telemetry: bullmqCarrier(context) } };

    await mail.addBulk([own, { name: 'b', data: {} }]);

    const [process] = await endedSpans(telemetry, 'process mail', 2);
    expect(process?.parent?.spanId).toBe(context.spanId);
  });

  it('refuses what is no relation', () => {
    expect(() => bullmqCarrier(createTraceContext(), { relation: 'child' as never })).toThrow(
      OptionInvalidError,
    );
  });
});

describe("through BullMQ's own telemetry option", () => {
  function openLayers(options: BullmqTelemetryOptions, layers: { observed: boolean }) {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const shaped = bullmqTelemetry(telemetry, { prefix: world.prefix, ...options });
    const worker = world.hostWorker('mail', async () => {}, { telemetry: shaped });
    if (layers.observed) observeWorker(worker, telemetry);
    return { telemetry, mail: world.hostQueue('mail', { telemetry: shaped }) };
  }

  const bare = { observed: false };
  const observed = { observed: true };

  it.each<{ settings: BullmqTelemetryOptions; expected: Outcome; linked: number }>([
    { settings: {}, expected: 'parent', linked: 2 },
    { settings: { relation: 'link' }, expected: 'link', linked: 2 },
    { settings: { relation: 'parent' }, expected: 'parent', linked: 0 },
    { settings: { relation: () => 'link' }, expected: 'parent', linked: 2 },
  ])(
    '$settings means $expected for add and links $linked of a bulk of two',
    async ({ settings, expected, linked }) => {
      const { telemetry, mail } = openLayers(settings, bare);

      await mail.add('welcome', {});
      expect(await outcomes(telemetry, 1)).toEqual([expected]);
      await mail.addBulk([
        { name: 'a', data: {} },
        { name: 'b', data: {} },
      ]);

      const bulk = (await endedSpans(telemetry, 'process mail', 3)).slice(1);
      const send = (await endedSpans(telemetry, 'send mail', 2))[1];
      const related = bulk.map(({ parent, links }) => (parent ?? links[0]?.context)?.spanId);
      expect(related).toEqual([send?.context.spanId, send?.context.spanId]);
      expect(bulk.filter(({ links }) => links.length > 0)).toHaveLength(linked);
    },
  );

  it('knows the delay once the worker is observed', async () => {
    const { telemetry, mail } = openLayers({ delayThresholdMs: 10 }, observed);

    await mail.add('welcome', {}, { delay: 11 });

    expect(await outcomes(telemetry, 1)).toEqual(['link']);
  });

  it('asks a function once the worker is observed', async () => {
    const { telemetry, mail } = openLayers(
      { relation: ({ data }) => (data === 5 ? 'link' : 'auto') },
      observed,
    );

    await mail.add('welcome', 5);

    expect(await outcomes(telemetry, 1)).toEqual(['link']);
  });
});

describe('what the caller gave', () => {
  it.each([null, 5, 'x', [], { a: 1 }, undefined])('arrives as it was, frozen or not: %j', async (data) => {
    const { world, telemetry, mail } = openMail();
    const backoff = Object.freeze({ type: 'fixed', delay: 1 });
    const opts = Object.freeze({ attempts: 2, backoff, telemetry: Object.freeze(jobRelation('link')) });
    const before = JSON.stringify(opts);
    const bulk = Object.freeze({ name: 'b', data, opts });

    const bare = await world.hostQueue('bare').add('welcome', data);
    const job = await mail.add('welcome', data, opts);
    const [second] = await mail.addBulk(Object.freeze([bulk]) as (typeof bulk)[]);

    const stored = await world.stored('bare', bare.id ?? '', 'data');
    expect(await world.stored('mail', job.id ?? '', 'data')).toBe(stored);
    expect(await world.stored('mail', second?.id ?? '', 'data')).toBe(stored);
    expect(JSON.stringify(opts)).toBe(before);
    expect(await outcomes(telemetry, 2)).toEqual(['link', 'link']);
  });
});
