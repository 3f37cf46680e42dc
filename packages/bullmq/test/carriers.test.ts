import { createTraceContext, formatCarrier } from '@throughline/core';
import { describe, expect, it } from 'vitest';
import { bullmqCarrier, bullmqTelemetry } from '../src/index.ts';
import { ambientRecording, endedSpan, endedSpans, openJobWorld } from './support/job-world.ts';

describe('the carrier of a job', () => {
  it('is stored with the options, as JSON text', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();

    const job = await world.queue('mail', telemetry).add('welcome', {});

    const opts = JSON.parse((await world.stored('mail', job.id as string, 'opts')) ?? '');
    expect(opts.tm).toBe(formatCarrier(telemetry.find('send mail')?.context ?? createTraceContext()));
  });

  it.each([null, 5, 'x', true, [], [1], {}, { tm: 1 }, undefined].map((data) => ({ data })))(
    'leaves data of any type as it is: $data',
    async ({ data }) => {
      const world = openJobWorld();
      const telemetry = ambientRecording();
      const seen: unknown[] = [];
      world.worker('mail', async (job) => void seen.push(job.data), telemetry);

      const job = await world.queue('mail', telemetry).add('welcome', data);
      await endedSpan(telemetry, 'process mail');

      expect(job.data).toBe(data);
      expect(seen).toEqual([data === undefined ? {} : data]);
      expect(await world.stored('mail', job.id as string, 'data')).toBe(
        JSON.stringify(data ?? (data === null ? null : {})),
      );
    },
  );

  it('does not touch the options object of the caller', async () => {
    const world = openJobWorld();
    const opts = Object.freeze({ attempts: 2, telemetry: Object.freeze({}) });

    const job = await world.queue('mail', ambientRecording()).add('welcome', {}, opts);

    expect(opts).toEqual({ attempts: 2, telemetry: {} });
    expect(job.opts.attempts).toBe(2);
  });

  it('is the one the caller brought, if there is one', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const own = createTraceContext();
    world.worker('mail', async () => {}, telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { telemetry: bullmqCarrier(own) });

    expect((await endedSpan(telemetry, 'process mail')).parent?.spanId).toBe(own.spanId);
    expect((await endedSpan(telemetry, 'send mail')).parent?.spanId).toBe(own.spanId);
  });

  it('is absent when the caller wants none', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => {}, telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { telemetry: { omitContext: true } });

    const process = await endedSpan(telemetry, 'process mail');
    expect(process.parent).toBeUndefined();
    expect(process.outcome).toBe('ok');
  });

  it('is absent when the defaults of the queue want none, for bulk adds as well', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    // BullMQ's type of the defaults leaves the option out; its code does not.
    const defaultJobOptions: object = { telemetry: { omitContext: true } };
    world.worker('mail', async () => {}, telemetry);
    const queue = world.queue('mail', telemetry, { defaultJobOptions });

    await queue.add('a', {});
    await queue.addBulk([{ name: 'b', data: {} }]);

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(spans.map((span) => span.parent)).toEqual([undefined, undefined]);
  });

  it('makes the consumer link, in a trace of its own, when the producer asks for that', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const origin = createTraceContext();
    world.worker('mail', async () => {}, telemetry);

    const metadata = formatCarrier(origin, 'link');
    await world.hostQueue('mail').add('welcome', {}, { telemetry: { metadata } });

    const process = await endedSpan(telemetry, 'process mail');
    expect(process.parent).toBeUndefined();
    expect(process.links).toMatchObject([{ context: { spanId: origin.spanId }, relation: 'produced_by' }]);
    expect(process.attributes).toMatchObject({
      'throughline.origin.trace_id': origin.traceId,
      'throughline.relation': 'link',
    });
  });
});

/** What may lie in Redis where a carrier is expected: other vendors, other versions, hand-written jobs. */
const strange: readonly { readonly what: string; readonly metadata: unknown }[] = [
  { what: 'broken JSON', metadata: '{not json' },
  { what: 'a bare word', metadata: 'sentry' },
  { what: 'a bare trace header', metadata: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
  { what: 'a number', metadata: 42 },
  { what: 'true', metadata: true },
  { what: 'an object of numbers', metadata: { traceparent: 7 } },
  { what: 'JSON of a deep nest', metadata: '['.repeat(20_000) },
  {
    what: 'a zero trace id',
    metadata: '{"traceparent":"00-00000000000000000000000000000000-00f067aa0ba902b7-01"}',
  },
  { what: 'a megabyte', metadata: 'x'.repeat(1_000_000) },
  { what: 'NUL and lone surrogates', metadata: '\u0000\ud800' },
];
/** Nothing in it claims to be a trace context: a job without a carrier, or with one of another kind. */
const unremarkable: readonly { readonly what: string; readonly metadata: unknown }[] = [
  { what: 'an array', metadata: [1, 2, 3] },
  { what: 'JSON of an array', metadata: '[[]]' },
  { what: 'a prototype key', metadata: '{"__proto__":{"traceparent":"x"}}' },
  { what: 'null', metadata: null },
  { what: 'an empty string', metadata: '' },
  { what: 'zero', metadata: 0 },
  { what: 'an empty object', metadata: '{}' },
];

describe.each([
  { consumer: 'the drop-in Worker', isDropIn: true },
  { consumer: "BullMQ's Worker with bullmqTelemetry", isDropIn: false },
])('$consumer, given a carrier that is none', ({ isDropIn }) => {
  function openConsumer(telemetry: ReturnType<typeof ambientRecording>) {
    const world = openJobWorld();
    const processor = async () => 'done';
    const worker = isDropIn
      ? world.worker('mail', processor, telemetry)
      : world.hostWorker('mail', processor, {
          telemetry: bullmqTelemetry(telemetry, { prefix: world.prefix }),
        });
    return { world, worker };
  }

  it.each([...strange, ...unremarkable])('completes the job in a new trace: $what', async ({ metadata }) => {
    const telemetry = ambientRecording();
    const { world, worker } = openConsumer(telemetry);
    const completed: string[] = [];
    worker.on('completed', (job) => completed.push(job.name));

    const queue = world.hostQueue('mail');
    await queue.add('strange', {}, { telemetry: { metadata: metadata as string } });
    await queue.add('next', {});

    const [first] = await endedSpans(telemetry, 'process mail', 2);
    expect(completed).toEqual(['strange', 'next']);
    expect(first?.parent).toBeUndefined();
    expect(first?.outcome).toBe('ok');
  });

  it('counts those that are not believed, by reason', async () => {
    const telemetry = ambientRecording();
    const { world } = openConsumer(telemetry);
    const queue = world.hostQueue('mail');

    for (const { metadata } of [...strange, ...unremarkable])
      await queue.add('strange', {}, { telemetry: { metadata: metadata as string } });
    await endedSpans(telemetry, 'process mail', strange.length + unremarkable.length);

    const counts = Object.values(telemetry.health.rejectedCarriers);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(strange.length);
    expect(telemetry.health.failures).toEqual({});
  });
});
