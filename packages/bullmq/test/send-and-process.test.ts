import { traced } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import type { Job } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { currentJobTrace } from '../src/index.ts';
import { ambientRecording, endedSpan, endedSpans, openJobWorld } from './support/job-world.ts';

describe('a job from the drop-in Queue to the drop-in Worker', () => {
  it('is one send and one process span in one trace', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => 'sent', telemetry);

    await world.queue('mail', telemetry).add('welcome', { to: 'ada' });

    const process = await endedSpan(telemetry, 'process mail');
    const send = await endedSpan(telemetry, 'send mail');
    expect(telemetry.spans).toHaveLength(2);
    expect(process.context.traceId).toBe(send.context.traceId);
    expect(process.parent?.spanId).toBe(send.context.spanId);
    expect(process.parent?.isRemote).toBe(true);
    expect([send.kind, process.kind]).toEqual(['producer', 'consumer']);
    expect([send.outcome, process.outcome]).toEqual(['ok', 'ok']);
  });

  it('carries the attributes of the messaging conventions', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => 'sent', telemetry, { name: 'mailer-1' });

    const job = await world.queue('mail', telemetry).add('welcome', {}, { attempts: 3 });

    const process = await endedSpan(telemetry, 'process mail');
    const send = await endedSpan(telemetry, 'send mail');
    expect(send.attributes).toEqual({
      'messaging.system': 'bullmq',
      'messaging.operation.type': 'send',
      'messaging.operation.name': 'send',
      'messaging.destination.name': 'mail',
      'messaging.message.id': job.id,
      'throughline.job.name': 'welcome',
    });
    expect(process.attributes).toEqual({
      'messaging.system': 'bullmq',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.destination.name': 'mail',
      'messaging.message.id': job.id,
      'messaging.client.id': 'mailer-1',
      'throughline.job.name': 'welcome',
      'throughline.attempt': 1,
      'throughline.max_attempts': 3,
      'throughline.wait.duration': expect.any(Number),
    });
  });

  it('is found by queue, name and id', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => 'sent', telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { jobId: 'welcome-ada', attempts: 2 });

    const entity = { system: 'bullmq', queue: `${world.prefix}:mail`, name: 'welcome', id: 'welcome-ada' };
    const { entity: sent, subject } = await endedSpan(telemetry, 'send mail');
    const { entity: processed } = await endedSpan(telemetry, 'process mail');
    expect(sent).toMatchObject({ ...entity, maxAttempts: 2 });
    expect(processed).toMatchObject({ ...entity, attempt: 1, maxAttempts: 2 });
    expect(subject).toBe('job');
  });

  it('continues the trace of what is active where it is added', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => 'sent', telemetry);
    const queue = world.queue('mail', telemetry);

    await traced(telemetry, 'POST /orders', () => queue.add('welcome', {}));

    const request = await endedSpan(telemetry, 'POST /orders');
    expect((await endedSpan(telemetry, 'send mail')).parent?.spanId).toBe(request.context.spanId);
    expect((await endedSpan(telemetry, 'process mail')).context.traceId).toBe(request.context.traceId);
  });

  it('hands the thread on to a job that its processor adds', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const invoices = world.queue('invoices', telemetry);
    world.worker('invoices', async () => {}, telemetry);
    world.worker('orders', async () => void (await invoices.add('create', {})), telemetry);

    await world.queue('orders', telemetry).add('place', {});

    const invoice = await endedSpan(telemetry, 'process invoices');
    const order = await endedSpan(telemetry, 'process orders');
    const send = await endedSpan(telemetry, 'send invoices');
    expect(send.parent?.spanId).toBe(order.context.spanId);
    expect(invoice.parent?.spanId).toBe(send.context.spanId);
  });

  it('gives every job of a bulk a send span and a carrier of its own', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => {}, telemetry);
    const jobs = ['a', 'b', 'c'].map((name) => ({ name, data: {} }));

    const added = await world.queue('mail', telemetry).addBulk(jobs);

    const processes = await endedSpans(telemetry, 'process mail', 3);
    const sends = await endedSpans(telemetry, 'send mail', 3);
    expect(added.map((job) => job.name)).toEqual(['a', 'b', 'c']);
    expect(sends.map((span) => span.attributes['messaging.message.id'])).toEqual(added.map((job) => job.id));
    expect(new Set(processes.map((span) => span.links[0]?.context.spanId))).toEqual(
      new Set(sends.map((span) => span.context.spanId)),
    );
    expect(jobs).toEqual(['a', 'b', 'c'].map((name) => ({ name, data: {} })));
  });

  it('starts no span of BullMQ itself', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const queue = world.queue('mail', telemetry);
    world.worker('mail', async () => {}, telemetry);

    await queue.add('welcome', {});
    await endedSpan(telemetry, 'process mail');
    await queue.pause();
    await queue.resume();

    expect(telemetry.spans.map((span) => span.name)).toEqual(['send mail', 'process mail']);
  });

  it('is traced once when a job scheduler adds it', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => {}, telemetry);

    await world.queue('mail', telemetry).upsertJobScheduler('hourly', { every: 3_600_000 });

    const process = await endedSpan(telemetry, 'process mail');
    const sends = telemetry.spans.filter((span) => span.name === 'send mail');
    expect(process.links.map(({ context }) => context.spanId)).toEqual([sends[0]?.context.spanId]);
    expect(sends.map((span) => span.entity?.queue)).toEqual([`${world.prefix}:mail`]);
    expect(telemetry.spans.filter((span) => span.name === 'process mail')).toHaveLength(1);
  });

  it('measures what was sent and what was processed', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => {}, telemetry);

    await world.queue('mail', telemetry).add('welcome', {});
    await endedSpan(telemetry, 'process mail');

    const measured = telemetry.measurements.map(({ name, unit }) => `${name} ${unit}`);
    expect(measured).toEqual([
      'messaging.client.sent.messages {message}',
      'messaging.client.operation.duration s',
      'messaging.client.consumed.messages {message}',
      'messaging.process.duration s',
      'throughline.wait.duration s',
    ]);
    expect(telemetry.measurements[3]?.attributes).toEqual({
      'messaging.system': 'bullmq',
      'messaging.operation.name': 'process',
      'messaging.destination.name': 'mail',
    });
  });

  it('gives measurements of one queue and outcome the same attribute object', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => {}, telemetry);
    const queue = world.queue('mail', telemetry);

    await queue.add('a', {});
    await queue.add('b', {});
    await endedSpans(telemetry, 'process mail', 2);

    const sets = telemetry.measurements.map((measurement) => measurement.attributes);
    expect(new Set(sets).size).toBe(2);
    expect(sets.every(Object.isFrozen)).toBe(true);
  });

  it('has failed when it could not be added, with the very error', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();

    const failure = await world
      .queue('mail', telemetry)
      .add('welcome', {}, { jobId: '0' })
      .catch((error: unknown) => error);

    const send = await endedSpan(telemetry, 'send mail');
    expect(send).toMatchObject({ outcome: 'error', entity: { id: '0', name: 'welcome' } });
    expect(send.error).toBe(failure);
  });

  it('adds with options of any type what BullMQ adds', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();

    const job = await world.queue('mail', telemetry).add('welcome', {}, 5 as never);

    expect(job.id).toBe('1');
    expect((await endedSpan(telemetry, 'send mail')).outcome).toBe('ok');
  });

  it('has the job id of options that inherit it, as in BullMQ', async () => {
    class WelcomeOptions {
      readonly attempts = 3;
      get jobId() {
        return 'welcome-ada';
      }
    }
    const world = openJobWorld();

    const job = await world.queue('mail', ambientRecording()).add('welcome', {}, new WelcomeOptions());

    expect({ id: job.id, attempts: job.opts.attempts }).toEqual({ id: 'welcome-ada', attempts: 3 });
    expect(await world.hostQueue('mail').getJob('welcome-ada')).toBeDefined();
  });

  it('has failed when its options throw as they are read', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const failure = new Error('not today');
    const opts = Object.defineProperty({}, 'repeat', {
      get: () => {
        throw failure;
      },
    });

    await expect(world.queue('mail', telemetry).add('welcome', {}, opts)).rejects.toBe(failure);

    expect((await endedSpan(telemetry, 'send mail')).error).toBe(failure);
  });
});

describe('the trace of the current job', () => {
  it('is the process span, for the job object the processor was given', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const seen: unknown[] = [];
    world.worker('mail', async (job) => void seen.push(currentJobTrace(job)), telemetry);

    await world.queue('mail', telemetry).add('welcome', {});

    expect([(await endedSpan(telemetry, 'process mail')).context]).toEqual(seen);
  });

  it('is what the carrier says for a job that runs elsewhere', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const queue = world.queue('mail', telemetry);

    const job = (await queue.getJob((await queue.add('welcome', {})).id as string)) as Job;

    expect(currentJobTrace(job)?.spanId).toBe(telemetry.find('send mail')?.context.spanId);
  });

  it('is unknown for a job without a carrier', async () => {
    const world = openJobWorld();
    const job = await world.hostQueue('mail').add('welcome', {});

    expect(currentJobTrace(job)).toBeUndefined();
  });
});

describe('the drop-in Worker', () => {
  it('starts a trace of its own for a job without a carrier', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => {}, telemetry);

    await world.hostQueue('mail').add('welcome', {});

    expect((await endedSpan(telemetry, 'process mail')).parent).toBeUndefined();
  });

  it('does not adopt a span that is active while it is constructed', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const activeInProcessor: unknown[] = [];
    traced(telemetry, 'boot', () => {
      world.worker(
        'mail',
        async () => {
          activeInProcessor.push(telemetry.activeContext()?.traceId);
        },
        telemetry,
      );
    });

    await world.hostQueue('mail').add('welcome', {});

    const process = await endedSpan(telemetry, 'process mail');
    expect(process.parent).toBeUndefined();
    expect(process.context.traceId).not.toBe(telemetry.find('boot')?.context.traceId);
    expect(activeInProcessor).toEqual([process.context.traceId]);
  });

  it('keeps its main loop out of whatever is active while it is constructed', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const activeInLoop: unknown[] = [];
    traced(telemetry, 'boot', () => {
      const worker = world.worker('mail', async () => {}, telemetry);
      worker.on('active', () => activeInLoop.push(telemetry.activeContext()));
      worker.on('drained', () => activeInLoop.push(telemetry.activeContext()));
    });

    await world.hostQueue('mail').add('welcome', {});
    await endedSpan(telemetry, 'process mail');
    await waitFor(() => activeInLoop.length >= 2, { what: 'active and drained' });

    expect(new Set(activeInLoop)).toEqual(new Set([undefined]));
  });

  it('reports the queue wait without the scheduled delay', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => {}, telemetry);

    const job = await world.queue('mail', telemetry).add('welcome', {}, { delay: 400 });

    const process = await endedSpan(telemetry, 'process mail');
    const waited = process.attributes['throughline.wait.duration'] as number;
    const sinceAdded = (process.startTime - job.timestamp) / 1_000;
    expect(waited).toBeGreaterThanOrEqual(0);
    expect(sinceAdded - waited).toBeGreaterThanOrEqual(0.39);
  });

  it('gives the processor its arguments, the AbortSignal too', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const seen: unknown[] = [];
    world.worker(
      'mail',
      async (job, token, signal) => {
        seen.push(job.name, typeof token, signal?.aborted);
      },
      telemetry,
    );

    await world.queue('mail', telemetry).add('welcome', {});
    await endedSpan(telemetry, 'process mail');

    expect(seen).toEqual(['welcome', 'string', false]);
  });

  it('runs listeners of completed while the span is open', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const open: boolean[] = [];
    const worker = world.worker('mail', async () => {}, telemetry);
    worker.on('completed', () => open.push(telemetry.find('process mail')?.endTime === undefined));

    await world.queue('mail', telemetry).add('welcome', {});
    await endedSpan(telemetry, 'process mail');

    expect(open).toEqual([true]);
  });

  it('still ends its spans after removeAllListeners', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => {}, telemetry).removeAllListeners();

    await world.queue('mail', telemetry).add('welcome', {});

    expect((await endedSpan(telemetry, 'process mail')).outcome).toBe('ok');
  });

  it('flushes telemetry when it is closed', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const openAtFlush: (readonly string[])[] = [];
    const flush = async () => {
      openAtFlush.push(telemetry.spans.filter((span) => span.endTime === undefined).map((span) => span.name));
      return { complete: true as const };
    };
    const worker = world.worker('mail', async () => {}, Object.assign(telemetry, { flush }));
    await world.queue('mail', telemetry).add('welcome', {});
    await waitFor(() => telemetry.find('process mail'), { what: 'the process span' });

    await worker.close();

    expect(openAtFlush).toEqual([[]]);
  });
});
