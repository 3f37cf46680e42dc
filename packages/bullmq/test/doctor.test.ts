import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metrics, type TextMapPropagator, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import { AlwaysOffSampler, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { combineTelemetry, createEventTelemetry, noopTelemetry, type Telemetry } from '@throughline/core';
import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
import { createHostileTelemetry } from '@throughline/core/testing';
import { openJournalSpool } from '@throughline/journal-store';
import { createOtelTelemetry, diagnoseOtel } from '@throughline/otel';
import { HostileStore, startOtlpReceiver, startRedis } from '@throughline/testkit';
import * as host from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  bullmqTelemetry,
  type DoctorReport,
  doctor,
  formatDoctorReport,
  observeWorker,
  Queue,
  quietRedis,
} from '../src/index.ts';
import { ambientRecording, endedSpan, openJobWorld } from './support/job-world.ts';
import { registerOtel } from './support/real-otel.ts';

const require = createRequire(import.meta.url);
const idle = async () => {};

beforeEach(() => {
  vi.spyOn(console, 'warn').mockReturnValue();
});

function codesOf({ findings }: DoctorReport): readonly string[] {
  return findings.map(({ code, about }) => `${code} (${about})`);
}

/** BullMQ 5 leaves a rejection unheard when a worker is closed before it is connected. */
async function ready<W extends { waitUntilReady(): Promise<unknown> }>(worker: W): Promise<W> {
  await worker.waitUntilReady();
  return worker;
}

/** Event telemetry with an ambient context. */
function eventTelemetry(writer: EventWriter = new EventWriter(new MemoryTraceStore())): Telemetry {
  return createEventTelemetry({ writer, ambient: new AsyncLocalStorage() });
}

describe('doctor', () => {
  it('finds nothing wrong with queue, worker and flow producer on one working telemetry', async () => {
    registerOtel();
    const world = openJobWorld();
    const telemetry = createOtelTelemetry();
    const [queue, worker] = [
      world.queue('mail', telemetry),
      await ready(world.worker('mail', idle, telemetry)),
    ];

    const report = await doctor({ queue, worker, flowProducer: world.flows(telemetry), ask: [diagnoseOtel] });

    expect(report).toEqual({ healthy: true, findings: [], bullmqVersion: expect.stringMatching(/^[56]\./) });
  });

  it('says so when it was given nothing', async () => {
    expect(codesOf(await doctor())).toEqual(['nothing_given (doctor)']);
  });

  it('never rejects, whatever it is given', async () => {
    const bomb = new Proxy(
      {},
      {
        get: () => {
          throw new Error('a trap');
        },
      },
    );
    const given = [bomb, null, 7, 'queue', {}, { opts: bomb }, { opts: { telemetry: bomb } }];
    for (const each of given) {
      const report = await doctor({ queue: each as never, worker: each as never, telemetry: each as never });
      if (each) expect(report.healthy).toBe(false);
    }
  });
});

describe('doctor, whatever its options are,', () => {
  it.each([null, 5, { ask: null }, { ask: 5 }, { ask: [null] }, { timeoutMs: Number.NaN }])(
    'reports: %o',
    async (options) => {
      expect((await doctor(options as never)).findings).not.toEqual([]);
    },
  );

  it('takes one question for many', async () => {
    const finding = { code: 'asked', level: 'info', about: 'me', message: '', fix: '' } as const;
    const ask = (): readonly [typeof finding] => [finding];

    const { findings } = await doctor({ telemetry: eventTelemetry(), ask: ask as never });

    expect(findings).toContain(finding);
  });

  it('does not wait for ever for the answer to a question', async () => {
    const ask = [() => new Promise<never>(() => {}) as never];

    const report = await doctor({ telemetry: eventTelemetry(), ask, timeoutMs: 50 });

    expect(codesOf(report)).toContain('unreadable (doctor)');
  });

  it('gives what it asks the time that timers can hold, where it was given more', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const queue = world.queue('mail', telemetry);

    const report = await doctor({ queue, timeoutMs: Number.POSITIVE_INFINITY });

    expect(codesOf(report)).not.toContain('redis_unreachable (queue mail)');
  });
});

describe('doctor, of how classes were constructed,', () => {
  it('tells a queue without telemetry', async () => {
    const world = openJobWorld();
    const telemetry = eventTelemetry();

    const report = await doctor({
      queue: world.queue('mail', undefined),
      worker: await ready(world.worker('mail', idle, telemetry)),
    });

    expect(codesOf(report)).toContain('no_telemetry (queue mail)');
    expect(codesOf(report)).not.toContain('no_telemetry (worker mail)');
  });

  it('tells a worker without telemetry, and believes observeWorker', async () => {
    const world = openJobWorld();
    const telemetry = eventTelemetry();
    const queue = world.queue('mail', telemetry);
    const worker = await ready(world.hostWorker('mail', idle));

    expect(codesOf(await doctor({ queue, worker }))).toContain('no_telemetry (worker mail)');

    observeWorker(worker, telemetry);
    expect(codesOf(await doctor({ queue, worker }))).not.toContain('no_telemetry (worker mail)');
  });

  it('tells the no-op telemetry', async () => {
    const world = openJobWorld();
    const queue = world.hostQueue('mail', { telemetry: bullmqTelemetry(noopTelemetry) });

    expect(codesOf(await doctor({ queue }))).toContain('telemetry_off (queue mail)');
    expect(codesOf(await doctor({ telemetry: noopTelemetry }))).toContain('telemetry_off (telemetry)');
  });

  it("tells BullMQ's own worker without the layers, until observeWorker is there", async () => {
    const world = openJobWorld();
    const telemetry = bullmqTelemetry(eventTelemetry());
    const worker = await ready(world.hostWorker('mail', idle, { telemetry }));

    expect(codesOf(await doctor({ worker }))).toContain('layers_missing (worker mail)');

    observeWorker(worker, telemetry);
    expect(codesOf(await doctor({ worker }))).not.toContain('layers_missing (worker mail)');
  });

  it('tells the object of somebody else', async () => {
    const telemetry = new BullMQOtel({ tracerName: 'mail' }) as unknown as host.Telemetry;
    const queue = openJobWorld().queue('mail', telemetry);

    const { findings } = await doctor({ queue });

    const foreign = findings.find(({ code }) => code === 'foreign_telemetry');
    expect(foreign).toMatchObject({ level: 'warning', about: 'queue mail' });
    expect(foreign?.message).toContain('BullMQOtel');
  });

  it("tells a telemetry of ours in the hands of BullMQ's own class", async () => {
    const { connection, prefix } = openJobWorld();
    const queue = new host.Queue('mail', { connection, prefix, telemetry: eventTelemetry() as never });
    onTestFinished(async () => {
      await queue.waitUntilReady(); // `close` goes through the telemetry, and fails.
      await queue.disconnect();
    });

    expect(codesOf(await doctor({ queue }))).toContain('port_given_to_bullmq (queue mail)');
  });

  it('tells a worker that takes jobs from another queue', async () => {
    const world = openJobWorld();
    const telemetry = eventTelemetry();

    const report = await doctor({
      queue: world.queue('mail', telemetry),
      worker: await ready(world.worker('mails', idle, telemetry)),
    });

    expect(codesOf(report)).toContain('different_queues (worker mails)');
  });

  it('tells classes that do not share a telemetry', async () => {
    const world = openJobWorld();

    const report = await doctor({
      queue: world.queue('mail', eventTelemetry()),
      worker: await ready(world.worker('mail', idle, eventTelemetry())),
    });

    expect(codesOf(report)).toContain('different_telemetries (queue mail, worker mail)');
  });

  it('tells that internalSpans is on', async () => {
    const queue = openJobWorld().queue('mail', bullmqTelemetry(eventTelemetry(), { internalSpans: true }));

    expect(codesOf(await doctor({ queue }))).toContain('internal_spans (queue mail)');
  });

  it('tells classes of another copy of BullMQ, and its version', async () => {
    const copies = [require('bullmq-5'), require('bullmq')] as (typeof host)[];
    const other = copies.find((copy) => copy.Queue !== host.Queue);
    if (!other) throw new Error('there is one copy of BullMQ only');
    const queue = new other.Queue('mail', { connection: openJobWorld().connection });
    onTestFinished(() => queue.close());

    const report = await doctor({ queue });

    expect(codesOf(report)).toContain('bullmq_copies (queue mail)');
    expect(report.bullmqVersion).toMatch(/^(5\.81\.5|6\.7\.0)$/);
  });

  it('tells a version of BullMQ that is not supported', async () => {
    const queue = openJobWorld().queue('mail', eventTelemetry());
    const inside = Reflect.get(queue, 'backend') ?? Reflect.get(queue, 'connection');
    const field = 'version' in inside && !('packageVersion' in inside) ? 'version' : 'packageVersion';
    Reflect.set(inside, field, '5.10.0');

    const { findings } = await doctor({ queue });

    expect(findings.find(({ code }) => code === 'bullmq_unsupported')?.message).toContain('5.10.0');
  });

  it('tells a subclass that is neither ours nor of BullMQ', async () => {
    class Foreign extends host.Queue {}
    const { connection, prefix } = openJobWorld();
    const queue = new Foreign('mail', { connection, prefix, telemetry: bullmqTelemetry(eventTelemetry()) });
    onTestFinished(() => queue.close());

    expect(codesOf(await doctor({ queue }))).toContain('throughline_copies (queue mail)');
  });

  it('tells which methods of BullMQ another instrumentation has patched', async () => {
    const original = host.Queue.prototype.add;
    const patched = Object.assign(async () => ({}) as never, { __wrapped: true });
    host.Queue.prototype.add = patched;
    onTestFinished(() => {
      host.Queue.prototype.add = original;
    });

    const { findings } = await doctor({ queue: openJobWorld().queue('mail', eventTelemetry()) });

    expect(findings.find(({ code }) => code === 'patched')?.message).toContain('Queue.add');
  });
});

describe('doctor, of Redis,', () => {
  it('tells that it does not answer', async () => {
    const queue = new Queue('mail', {
      connection: { host: '127.0.0.1', port: 1, retryStrategy: () => null },
      telemetry: eventTelemetry(),
    });
    queue.on('error', () => {});

    const report = await doctor({ queue, timeoutMs: 300 });

    expect(codesOf(report)).toContain('redis_unreachable (queue mail)');
  });

  it('tells that it does not answer any more', async () => {
    const redis = await startRedis({ own: true });
    const connection = { host: redis.host, port: redis.port, retryStrategy: () => null };
    const queue = new Queue('mail', { connection, telemetry: eventTelemetry() });
    queue.on('error', () => {});
    await queue.waitUntilReady();
    expect(codesOf(await doctor({ queue }))).not.toContain('redis_unreachable (queue mail)');

    await redis.stop();

    expect(codesOf(await doctor({ queue, timeoutMs: 300 }))).toContain('redis_unreachable (queue mail)');
  });

  it('tells a class that was closed', async () => {
    const world = openJobWorld();
    const queue = world.queue('mail', eventTelemetry());
    await queue.waitUntilReady();
    await queue.close();

    const report = await doctor({ queue });

    expect(codesOf(report)).toContain('closed (queue mail)');
    expect(report.healthy).toBe(false);
  });

  it('tells that ioredis is instrumented, unless the connection is quiet', async () => {
    registerOtel();
    const world = openJobWorld();
    const instrumentation = new IORedisInstrumentation();
    registerInstrumentations({ instrumentations: [instrumentation] });
    const { Redis } = require('ioredis') as typeof import('ioredis');
    onTestFinished(() => instrumentation.disable());
    const connection = new Redis({ ...world.connection, maxRetriesPerRequest: null });
    onTestFinished(async () => void (await connection.quit()));
    const telemetry = createOtelTelemetry();

    const queue = world.queue('mail', telemetry, { connection });
    expect(codesOf(await doctor({ queue }))).toContain('ioredis_instrumented (queue mail)');

    quietRedis(connection, telemetry);
    expect(codesOf(await doctor({ queue }))).not.toContain('ioredis_instrumented (queue mail)');
  });
});

describe('doctor, of the telemetry,', () => {
  it('tells that no provider is registered, and asks OpenTelemetry itself', async () => {
    const report = await doctor({ telemetry: createOtelTelemetry(), ask: [diagnoseOtel] });

    expect(codesOf(report)).toEqual([
      'no_tracer_provider (opentelemetry)',
      'spans_off (telemetry)',
      'no_meter_provider (opentelemetry)',
      'no_context_manager (opentelemetry)',
      'measurements_off (telemetry)',
      'no_ambient_context (telemetry)',
      'no_propagator (opentelemetry)',
      'flush_unknown (telemetry)',
    ]);
  });

  it('tells a sampler that drops everything', async () => {
    registerOtel({ sampler: new AlwaysOffSampler() });

    expect(codesOf(await doctor({ telemetry: createOtelTelemetry() }))).toEqual([
      'nothing_sampled (telemetry)',
    ]);
  });

  it('tells that no meter provider is registered', async () => {
    registerOtel();
    metrics.disable();

    expect(codesOf(await doctor({ telemetry: createOtelTelemetry() }))).toEqual([
      'measurements_off (telemetry)',
    ]);
  });

  it('tells an exporter that fails, and with what', async () => {
    const receiver = await startOtlpReceiver({ refuse: () => ({ status: 400 }) });
    onTestFinished(() => receiver.stop());
    const exporter = new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` });
    registerOtel({ processors: [new BatchSpanProcessor(exporter)] });

    const { findings } = await doctor({ telemetry: createOtelTelemetry() });

    expect(findings).toMatchObject([{ code: 'flush_failed', level: 'error' }]);
    expect(findings[0]?.message).toContain('OTLPExporterError');
    expect(receiver.requests()).toHaveLength(1);
  });

  it('tells an exporter that does not come to an end', async () => {
    const receiver = await startOtlpReceiver({ refuse: () => 'hang' });
    onTestFinished(() => receiver.stop());
    const exporter = new OTLPTraceExporter({ url: `${receiver.url}/v1/traces`, timeoutMillis: 2_000 });
    registerOtel({ processors: [new BatchSpanProcessor(exporter)] });

    const report = await doctor({ telemetry: createOtelTelemetry(), timeoutMs: 200 });

    expect(codesOf(report)).toEqual(['flush_timeout (telemetry)']);
  });

  it('tells that it has no ambient context', async () => {
    const telemetry = createEventTelemetry({ writer: new EventWriter(new MemoryTraceStore()) });

    expect(codesOf(await doctor({ telemetry }))).toContain('no_ambient_context (telemetry)');
  });

  it('tells a propagator that writes no traceparent', async () => {
    registerOtel();
    const propagator: TextMapPropagator = {
      fields: () => ['x-trace'],
      inject(context, carrier, setter) {
        const { traceId, spanId } = trace.getSpanContext(context) ?? {};
        setter.set(carrier, 'x-trace', `${traceId}-${spanId}`);
      },
      extract(context, carrier, getter) {
        const [traceId = '', spanId = ''] = String(getter.get(carrier, 'x-trace')).split('-');
        return trace.setSpanContext(context, { traceId, spanId, traceFlags: 1 });
      },
    };

    const { findings } = await doctor({ telemetry: createOtelTelemetry({ propagator }) });

    expect(findings).toMatchObject([{ code: 'propagator_foreign', level: 'warning' }]);
    expect(findings[0]?.message).toContain('x-trace');
  });

  it('tells a propagator that does not read what it wrote', async () => {
    registerOtel();
    const propagator: TextMapPropagator = {
      fields: () => ['traceparent'],
      inject: (_context, carrier, setter) => setter.set(carrier, 'traceparent', 'garbled'),
      extract: (context) => context,
    };

    const report = await doctor({ telemetry: createOtelTelemetry({ propagator }) });

    expect(codesOf(report)).toContain('propagation_broken (telemetry)');
  });

  it('tells what is no telemetry at all', async () => {
    expect(codesOf(await doctor({ telemetry: {} }))).toEqual(['telemetry_invalid (telemetry)']);
  });

  it('tells what its hooks failed with', async () => {
    registerOtel();
    const telemetry = createHostileTelemetry('emitEvent', 'throws');
    const world = openJobWorld();
    await world.queue('mail', telemetry).add('welcome', {});

    const { findings } = await doctor({ telemetry });

    const failing = findings.find(({ code }) => code === 'telemetry_failing');
    expect(failing).toMatchObject({ level: 'error' });
    expect(failing?.message).toMatch(/emitEvent \d+/);
  });

  it('tells carriers that were not believed, by reason', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const worker = await ready(world.worker('mail', idle, recording));
    await world
      .hostQueue('mail')
      .add('welcome', {}, { telemetry: { metadata: '{"traceparent":"00-1-2-3"}' } });
    await endedSpan(recording, 'process mail');

    const { findings } = await doctor({ worker });

    expect(findings.find(({ code }) => code === 'carriers_rejected')?.message).toMatch(/traceparent\w* 1/);
  });

  it('tells what an event writer had to drop', async () => {
    const store = new HostileStore({ faults: ['is unavailable'] });
    const writer = new EventWriter(store, { maxEvents: 2 });
    const telemetry = eventTelemetry(writer);
    for (let i = 0; i < 50; i += 1) telemetry.startSpan('work').end();

    const report = await doctor({ telemetry, timeoutMs: 300 });

    expect(codesOf(report)).toContain('events_dropped (telemetry)');
  });

  it('tells what the store has rejected', async () => {
    const writer = new EventWriter(new HostileStore({ faults: ['rejects one event'] }));

    const report = await doctor({ telemetry: eventTelemetry(writer) });

    expect(codesOf(report)).toContain('events_rejected (telemetry)');
  });

  it('tells what waits in the spool', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'doctor-'));
    const spool = await openJournalSpool({ directory });
    const store = new HostileStore({ faults: ['is unavailable'] });
    const writer = new EventWriter(store, { spool, maxEvents: 4 });
    onTestFinished(async () => {
      store.faults = [];
      await writer.close({ timeoutMs: 1_000 });
      await spool.close();
      await rm(directory, { recursive: true });
    });
    const telemetry = eventTelemetry(writer);
    for (let i = 0; i < 50; i += 1) telemetry.startSpan('work').end();

    const report = await doctor({ telemetry, timeoutMs: 500 });

    expect(codesOf(report)).toContain('events_spooled (telemetry)');
  });

  it('looks into a combination with the help of diagnoseOtel', async () => {
    registerOtel();
    trace.disable();
    const telemetry = combineTelemetry(createOtelTelemetry(), eventTelemetry());

    expect(codesOf(await doctor({ telemetry }))).toEqual([]);
    expect(codesOf(await doctor({ telemetry, ask: [diagnoseOtel] }))).toEqual([
      'no_tracer_provider (opentelemetry)',
    ]);
  });

  it('is tried out with a point of its own name, which is stored like any other', async () => {
    const store = new MemoryTraceStore();
    await doctor({ telemetry: eventTelemetry(new EventWriter(store, { process: false })) });

    const { traces } = await store.listTraces();
    expect(traces).toHaveLength(1);
    expect(await store.getTrace(traces[0]?.traceId ?? '')).toMatchObject([{ event_type: 'doctor:probe' }]);
  });
});

describe('formatDoctorReport', () => {
  it('prints one paragraph for each finding, errors first', async () => {
    const world = openJobWorld();
    const telemetry = createEventTelemetry({ writer: new EventWriter(new MemoryTraceStore()) });
    const queue = world.queue('mail', telemetry);

    const text = formatDoctorReport(
      await doctor({ queue, worker: await ready(world.hostWorker('mail', idle)) }),
    );

    expect(text).toMatch(
      /^BullMQ [\d.]+: errors: 1, warnings: 1\n\nerror no_telemetry \(worker mail\)\n {2}It was/,
    );
    expect(text).toContain('\n  → Pass `telemetry` to its constructor');
  });

  it('says so when all is well', () => {
    expect(formatDoctorReport({ healthy: true, findings: [], bullmqVersion: '6.7.0' })).toBe(
      'BullMQ 6.7.0: nothing is wrong that can be seen from here',
    );
  });
});
