import type { RecordedSpan } from '@throughline/core/testing';
import { DelayedError, type Job, RateLimitError, UnrecoverableError, WaitingChildrenError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { ambientRecording, endedSpan, endedSpans, openJobWorld } from './support/job-world.ts';

describe('a job that fails and is retried', () => {
  it('is one span per start, numbered, with the outcome of each', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const errors = [new Error('busy'), new TypeError('busier')];
    world.worker(
      'mail',
      async (job: Job) => {
        const error = errors[job.attemptsMade];
        if (error) throw error;
      },
      telemetry,
    );

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 3 });

    const spans = await endedSpans(telemetry, 'process mail', 3);
    expect(spans.map((span) => span.attributes['throughline.attempt'])).toEqual([1, 2, 3]);
    expect(spans.map((span) => span.entity?.attempt)).toEqual([1, 2, 3]);
    expect(spans.map((span) => span.outcome)).toEqual(['retry', 'retry', 'ok']);
    expect(spans.map((span) => span.error)).toEqual([errors[0], errors[1], undefined]);
    expect(spans[0]?.error).toBe(errors[0]);
  });

  it('has every attempt in the trace of its send span', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', () => Promise.reject(new Error('busy')), telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 2 });

    const spans = await endedSpans(telemetry, 'process mail', 2);
    const send = telemetry.find('send mail')?.context.spanId;
    expect(spans.map((span) => span.parent?.spanId)).toEqual([send, send]);
  });

  it('has failed for good at its last attempt', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', () => Promise.reject(new Error('busy')), telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 2 });

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(spans.map((span) => span.outcome)).toEqual(['retry', 'error']);
  });

  it('is a retry, too, when there is a backoff', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', () => Promise.reject(new Error('busy')), telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 2, backoff: 20 });

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(spans.map((span) => span.outcome)).toEqual(['retry', 'error']);
  });

  it('has a queue wait at its first start only', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', () => Promise.reject(new Error('busy')), telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 2, backoff: 20 });

    const spans = await endedSpans(telemetry, 'process mail', 2);
    const waits = spans.map((span) => span.attributes['throughline.wait.duration']);
    expect(waits).toEqual([expect.any(Number), undefined]);
  });

  it('tells measurements apart by outcome and error type', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', () => Promise.reject(new RangeError('busy')), telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 2 });
    await endedSpans(telemetry, 'process mail', 2);

    const durations = telemetry.measurements.filter(({ name }) => name === 'messaging.process.duration');
    expect(durations.map(({ attributes }) => attributes['throughline.outcome'])).toEqual(['retry', 'error']);
    expect(durations.map(({ attributes }) => attributes['error.type'])).toEqual(['RangeError', 'RangeError']);
  });
});

describe('what a start says about the time before it', () => {
  const pauses = ({ attributes }: RecordedSpan) => ({
    delay: attributes['throughline.delay.duration'],
    wait: attributes['throughline.wait.duration'],
    backoff: attributes['throughline.backoff.duration'],
  });

  it('is scheduled delay and queue wait at the first start', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', async () => {}, telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { delay: 30 });

    const span = await endedSpan(telemetry, 'process mail');
    expect(pauses(span)).toEqual({ delay: 0.03, wait: expect.any(Number), backoff: undefined });
  });

  it.each([
    { backoff: 20, expected: [undefined, 0.02, 0.02] },
    { backoff: { type: 'exponential', delay: 20 }, expected: [undefined, 0.02, 0.04] },
    { backoff: { type: 'fixed', delay: 20, jitter: 1 }, expected: [undefined, undefined, undefined] },
    { backoff: { type: 'mine' }, expected: [undefined, undefined, undefined] },
  ])('is the backoff at a retry, where $backoff lets it be known', async ({ backoff, expected }) => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const chosen: number[] = [];
    const settings = { backoffStrategy: () => 15 };
    const worker = world.worker('mail', () => Promise.reject(new Error('busy')), telemetry, { settings });
    worker.on('failed', (job) => chosen.push((job?.delay ?? 0) / 1_000));

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 3, backoff });

    const spans = await endedSpans(telemetry, 'process mail', 3);
    expect(spans.map((span) => pauses(span).backoff)).toEqual(expected);
    const known = expected.slice(1).filter((seconds) => seconds !== undefined);
    expect(chosen.slice(0, known.length)).toEqual(known);
  });

  it('is no backoff when somebody retries a job that had failed for good', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', () => Promise.reject(new UnrecoverableError('no such address')), telemetry);
    const job = await world.queue('mail', telemetry).add('welcome', {}, { attempts: 5, backoff: 20 });
    await endedSpan(telemetry, 'process mail');

    await job.retry();

    const [, again] = await endedSpans(telemetry, 'process mail', 2);
    expect(again && pauses(again).backoff).toBeUndefined();
  });
});

describe('a job that fails without another attempt', () => {
  it('is an error when it has one attempt', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const failure = new Error('no funds');
    world.worker('mail', () => Promise.reject(failure), telemetry);

    await world.queue('mail', telemetry).add('welcome', {});

    expect(await endedSpan(telemetry, 'process mail')).toMatchObject({ outcome: 'error', error: failure });
  });

  it('is an error when it is unrecoverable, whatever attempts are left', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', () => Promise.reject(new UnrecoverableError('no such address')), telemetry);

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 5 });

    expect((await endedSpan(telemetry, 'process mail')).outcome).toBe('error');
  });

  it('is an error when its backoff strategy stops it', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker('mail', () => Promise.reject(new Error('busy')), telemetry, {
      settings: { backoffStrategy: () => -1 },
    });

    await world.queue('mail', telemetry).add('welcome', {}, { attempts: 5, backoff: { type: 'custom' } });

    expect((await endedSpan(telemetry, 'process mail')).outcome).toBe('error');
  });

  it('keeps the very value that was thrown, when the processor throws before it returns a promise', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const failure = new Error('at once');
    world.worker(
      'mail',
      () => {
        throw failure;
      },
      telemetry,
    );

    await world.queue('mail', telemetry).add('welcome', {});

    expect((await endedSpan(telemetry, 'process mail')).error).toBe(failure);
  });
});

describe('a job that its processor hands back', () => {
  it('is delayed, then ok, and its starts go on counting', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker(
      'mail',
      async (job, token) => {
        if (job.attemptsStarted > 1) return;
        await job.moveToDelayed(Date.now() + 10, token);
        throw new DelayedError();
      },
      telemetry,
    );

    await world.queue('mail', telemetry).add('welcome', {});

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(spans.map((span) => span.outcome)).toEqual(['delayed', 'ok']);
    expect(spans.map((span) => span.attributes['throughline.attempt'])).toEqual([1, 2]);
    expect(spans[0]?.error).toBeUndefined();
  });

  it('is delayed, too, when the application extends the error', async () => {
    class TryLaterError extends DelayedError {}
    const world = openJobWorld();
    const telemetry = ambientRecording();
    world.worker(
      'mail',
      async (job, token) => {
        if (job.attemptsStarted > 1) return;
        await job.moveToDelayed(Date.now() + 10, token);
        throw new TryLaterError();
      },
      telemetry,
    );

    await world.queue('mail', telemetry).add('welcome', {});

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(spans.map((span) => span.outcome)).toEqual(['delayed', 'ok']);
  });

  it('is rate limited, then ok', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const queue = world.queue('mail', telemetry);
    world.worker(
      'mail',
      async (job) => {
        if (job.attemptsStarted > 1) return;
        await queue.rateLimit(10);
        throw new RateLimitError();
      },
      telemetry,
    );

    await queue.add('welcome', {});

    const spans = await endedSpans(telemetry, 'process mail', 2);
    expect(spans.map((span) => span.outcome)).toEqual(['rate_limited', 'ok']);
  });

  it('is waiting for its children, then ok', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const children = world.queue('children', telemetry);
    world.worker(
      'parents',
      async (job, token = '') => {
        if (job.attemptsStarted > 1) return;
        await children.add('child', {}, { parent: { id: job.id as string, queue: job.queueQualifiedName } });
        if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
      },
      telemetry,
    );
    await world.queue('parents', telemetry).add('parent', {});
    await endedSpan(telemetry, 'process parents');
    world.worker('children', async () => {}, telemetry);

    const spans = await endedSpans(telemetry, 'process parents', 2);
    expect(spans.map((span) => span.outcome)).toEqual(['waiting', 'ok']);
  });
});

describe('a job whose lock is gone when its processor has finished', () => {
  it('is lost, and its result does not count', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const worker = world.worker(
      'mail',
      async (job) => void (await world.redis.del(`${world.prefix}:mail:${job.id}:lock`)),
      telemetry,
    );
    const completed: unknown[] = [];
    worker.on('completed', (job) => completed.push(job));

    await world.queue('mail', telemetry).add('welcome', {});

    expect((await endedSpan(telemetry, 'process mail')).outcome).toBe('lost');
    expect(completed).toEqual([]);
  });
});

describe('a job that may not be started again', () => {
  it('has failed without having run', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const queue = world.queue('mail', telemetry);
    const job = await queue.add('welcome', {});
    await world.redis.hset(`${world.prefix}:mail:${job.id}`, 'defa', 'job stalled more than allowable limit');
    const ran: string[] = [];

    world.worker('mail', async ({ name }) => void ran.push(name), telemetry);

    const span = await endedSpan(telemetry, 'process mail');
    expect(span).toMatchObject({
      outcome: 'error',
      error: { message: 'job stalled more than allowable limit' },
    });
    expect(ran).toEqual([]);
  });
});
