import { traced } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import { DelayedError, type Job, RateLimitError, UnrecoverableError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { bullmqTelemetry, currentJobTrace, observeWorker, wrapProcessor } from '../src/index.ts';
import { ambientRecording, endedSpan, endedSpans, openJobWorld } from './support/job-world.ts';

describe("BullMQ's own classes with bullmqTelemetry", () => {
  it('make one send and one process span per job, in one trace', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording, { prefix: world.prefix });
    world.hostWorker('mail', async () => {}, { telemetry });

    const job = await world.hostQueue('mail', { telemetry }).add('welcome', {});

    const process = await endedSpan(recording, 'process mail');
    const send = await endedSpan(recording, 'send mail');
    const entity = { system: 'bullmq', queue: `${world.prefix}:mail`, name: 'welcome', id: job.id };
    expect(recording.spans).toHaveLength(2);
    expect(process.parent?.spanId).toBe(send.context.spanId);
    expect([send.entity, process.entity]).toMatchObject([entity, entity]);
    expect([send.outcome, process.outcome]).toEqual(['ok', 'ok']);
    expect(process.attributes).toMatchObject({
      'messaging.operation.name': 'process',
      'messaging.message.id': job.id,
      'throughline.job.name': 'welcome',
    });
  });

  it('make the process span active for the processor', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording);
    world.hostWorker('mail', async () => traced(recording, 'render', () => {}), { telemetry });

    await world.hostQueue('mail', { telemetry }).add('welcome', {});

    const process = await endedSpan(recording, 'process mail');
    expect(recording.find('render')?.parent?.spanId).toBe(process.context.spanId);
  });

  it('tell a failure that is retried from the last one', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording);
    world.hostWorker('mail', () => Promise.reject(new Error('busy')), { telemetry });
    const queue = world.hostQueue('mail', { telemetry });

    await queue.add('welcome', {}, { attempts: 3, backoff: 5 });

    const spans = await endedSpans(recording, 'process mail', 3);
    expect(spans.map((span) => span.outcome)).toEqual(['retry', 'retry', 'error']);
    expect(spans.map((span) => String(span.error))).toEqual(Array(3).fill('Error: busy'));
  });

  it('tell it for jobs of equal id in queues of equal name, whose prefixes BullMQ does not tell', async () => {
    const [world, other] = [openJobWorld(), openJobWorld()];
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording);
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    world.hostWorker('mail', () => ended.then(() => Promise.reject(new Error('busy'))), { telemetry });
    await world.hostQueue('mail').add('welcome', {}, { attempts: 2, backoff: 5 });
    await waitFor(() => recording.spans.length === 1);

    const quick = other.hostWorker('mail', async () => {}, { telemetry });
    await other.hostQueue('mail').add('welcome', {});
    await new Promise((resolve) => quick.once('completed', resolve));
    await waitFor(() => recording.spans.filter(({ outcome }) => outcome === 'ok').length === 1);
    end();

    const spans = await endedSpans(recording, 'process mail', 3);
    expect(spans.map((span) => span.outcome)).toEqual(['retry', 'ok', 'error']);
  });

  it('call a job that was handed back released, and one whose lock is gone lost', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording);
    const processor = async (job: Job, token?: string) => {
      if (job.attemptsStarted > 1) return void (await world.redis.del(`${world.prefix}:mail:${job.id}:lock`));
      await job.moveToDelayed(Date.now() + 5, token);
      throw new DelayedError();
    };
    world.hostWorker('mail', processor, { telemetry });

    await world.hostQueue('mail', { telemetry }).add('welcome', {});

    const spans = await endedSpans(recording, 'process mail', 2);
    expect(spans.map((span) => span.outcome)).toEqual(['released', 'lost']);
  });

  it('make one send span for a bulk, which says how many jobs it covers', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording);
    const jobs = ['a', 'b'].map((name) => ({ name, data: {} }));

    await world.hostQueue('mail', { telemetry }).addBulk(jobs);

    expect(recording.spans).toHaveLength(1);
    expect(recording.spans[0]?.attributes).toMatchObject({ 'messaging.batch.message_count': 2 });
  });

  it('trace the ticks of a job scheduler', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording);
    world.hostWorker('mail', async () => {}, { telemetry });

    await world.hostQueue('mail', { telemetry }).upsertJobScheduler('hourly', { every: 3_600_000 });

    const process = await endedSpan(recording, 'process mail');
    expect(process.parent?.spanId).toBe(recording.find('send mail')?.context.spanId);
  });

  it('drop the INTERNAL operations of BullMQ unless they are asked for', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording, { internalSpans: true });
    world.hostWorker('mail', async () => ({ secret: 1 }), { telemetry });

    await world.hostQueue('mail', { telemetry }).add('welcome', {});
    await endedSpan(recording, 'process mail');

    const complete = await endedSpan(recording, 'complete mail');
    expect(complete.kind).toBe('internal');
    expect(complete.attributes).toMatchObject({ 'messaging.destination.name': 'mail' });
    expect(JSON.stringify(recording.spans)).not.toContain('secret');
  });

  it('keep maintenance out of what is active where the worker is constructed', () => {
    const recording = ambientRecording();
    const { contextManager } = bullmqTelemetry(recording);

    const seen = traced(recording, 'boot', () =>
      contextManager.with(contextManager.root?.(), () => recording.activeContext()),
    );

    expect(seen).toBeUndefined();
  });
});

describe('an object from bullmqTelemetry', () => {
  it('answers any call in any order with any argument', () => {
    const { tracer, contextManager } = bullmqTelemetry(ambientRecording());
    const odd: unknown[] = [undefined, null, 0, 'x', {}, [], Symbol('s'), () => {}];

    for (const kind of [0, 1, 2, 3, 4, undefined, 'x'])
      for (const value of odd) {
        const span = tracer.startSpan(value as string, { kind } as never, value);
        span.end();
        span.addEvent(value as string, value as never);
        span.setAttribute(value as string, value as never);
        span.setAttributes(value as never);
        span.recordException(value as never);
        const context = span.setSpanOnContext(value);
        expect(contextManager.with(context, () => 'ran')).toBe('ran');
        expect(contextManager.with(value, () => 'ran')).toBe('ran');
        expect(contextManager.getMetadata(context)).toBeTypeOf('string');
        expect(contextManager.getMetadata(value)).toBeTypeOf('string');
        expect(contextManager.fromMetadata(value, value as string)).toBeDefined();
        span.end();
      }
  });

  it('passes the error of a callback on, and its result', async () => {
    const { tracer, contextManager } = bullmqTelemetry(ambientRecording());
    const context = tracer.startSpan('process mail', { kind: 4 }).setSpanOnContext(undefined);
    const failure = new Error('of the host');

    await expect(contextManager.with(context, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(() =>
      contextManager.with(context, () => {
        throw failure;
      }),
    ).toThrow(failure);
  });

  it('makes the drop-in classes trace once, as frameworks that copy options pass it on', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording);
    world.worker('mail', async () => {}, { ...telemetry });

    await world.queue('mail', telemetry).add('welcome', {});
    await endedSpan(recording, 'process mail');

    expect(recording.spans.map((span) => span.name)).toEqual(['send mail', 'process mail']);
  });

  it('is what a drop-in class keeps in its options', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const { opts } = world.queue('mail', recording);

    world.worker('mail', async () => {}, opts.telemetry);
    await world.queue('mail', opts.telemetry).add('welcome', {});
    await endedSpan(recording, 'process mail');

    expect(recording.spans.map((span) => span.name)).toEqual(['send mail', 'process mail']);
  });
});

describe('a telemetry that somebody else made for BullMQ', () => {
  it('is left to BullMQ', async () => {
    const world = openJobWorld();
    const names: string[] = [];
    const span = {
      setSpanOnContext: () => undefined,
      setAttribute: () => {},
      setAttributes: () => {},
      addEvent: () => {},
      recordException: () => {},
      end: () => {},
    };
    const foreign = {
      tracer: {
        startSpan: (name: string) => {
          names.push(name);
          return span;
        },
      },
      contextManager: {
        active: () => undefined,
        with: <A extends (...args: never[]) => unknown>(_context: unknown, fn: A) =>
          (fn as () => ReturnType<A>)(),
        getMetadata: () => '{}',
        fromMetadata: () => undefined,
      },
    };

    await world.queue('mail', foreign).add('welcome', {});

    expect(names).toEqual(['add mail.welcome']);
  });
});

describe('observeWorker on a worker with bullmqTelemetry', () => {
  it('adds attempt numbers, queue wait, the error itself and what follows', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording);
    const failure = new RangeError('busy');
    const worker = world.hostWorker('mail', () => Promise.reject(failure), { telemetry });
    observeWorker(worker, recording);

    await world.hostQueue('mail', { telemetry }).add('welcome', {}, { attempts: 2 });

    const spans = await endedSpans(recording, 'process mail', 2);
    expect(recording.spans).toHaveLength(3);
    expect(spans.map((span) => span.attributes['throughline.attempt'])).toEqual([1, 2]);
    expect(spans.map((span) => span.outcome)).toEqual(['retry', 'error']);
    expect(spans.map((span) => span.error)).toEqual([failure, failure]);
    expect(spans[0]?.error).toBe(failure);
    expect(spans[0]?.attributes['throughline.wait.duration']).toBeTypeOf('number');
    expect(spans[0]?.entity).toMatchObject({ queue: `${world.prefix}:mail`, attempt: 1, maxAttempts: 2 });
  });

  it('makes the job known to currentJobTrace', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording);
    const seen: unknown[] = [];
    const processor = async (job: Job) => void seen.push(currentJobTrace(job)?.spanId);
    observeWorker(world.hostWorker('mail', processor, { telemetry }), telemetry);

    await world.hostQueue('mail', { telemetry }).add('welcome', {});

    expect(seen).toEqual([(await endedSpan(recording, 'process mail')).context.spanId]);
  });
});

describe('observeWorker on a worker without telemetry', () => {
  it('makes the process spans, one per start', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    observeWorker(
      world.hostWorker('mail', async (job) => {
        if (job.attemptsMade === 0) throw new Error('busy');
      }),
      recording,
    );

    await world.queue('mail', recording).add('welcome', {}, { attempts: 2 });

    const spans = await endedSpans(recording, 'process mail', 2);
    expect(spans.map((span) => span.outcome)).toEqual(['retry', 'ok']);
    expect(spans[0]?.parent?.spanId).toBe(recording.find('send mail')?.context.spanId);
  });

  it('ends the span of a job that was handed back when it starts again', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    observeWorker(
      world.hostWorker('mail', async (job, token) => {
        if (job.attemptsStarted > 1) return;
        await job.moveToDelayed(Date.now() + 5, token);
        throw new DelayedError();
      }),
      recording,
    );

    await world.hostQueue('mail').add('welcome', {});

    const spans = await endedSpans(recording, 'process mail', 2);
    expect(spans.map((span) => span.outcome)).toEqual(['released', 'ok']);
  });

  it('stops when told so', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const done: string[] = [];
    const worker = world.hostWorker('mail', async ({ name }) => void done.push(name));
    observeWorker(worker, recording)();

    const job = await world.hostQueue('mail').add('welcome', {});
    await worker.waitUntilReady();
    await expect.poll(() => done).toEqual([job.name]);

    expect(recording.spans).toEqual([]);
  });

  it('ends, when told to stop, what is running as it settles', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    let finish = (): void => {};
    const running = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const worker = world.hostWorker('mail', () => running);
    const stop = observeWorker(worker, telemetry);
    await world.hostQueue('mail').add('welcome', {});
    await waitFor(() => telemetry.spans.length === 1, { what: 'the start' });

    stop();
    finish();

    expect((await endedSpan(telemetry, 'process mail')).outcome).toBe('ok');
    expect(['active', 'completed', 'failed'].map((event) => worker.listenerCount(event))).toEqual([0, 0, 0]);
  });

  it('makes the spans when the telemetry of the worker itself is off', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const worker = world.hostWorker('mail', async () => {}, { telemetry: bullmqTelemetry(undefined) });
    observeWorker(worker, telemetry);

    await world.hostQueue('mail').add('welcome', {});

    expect((await endedSpan(telemetry, 'process mail')).outcome).toBe('ok');
  });

  it('calls what runs in a wrapped processor lost when the worker is closed by force', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    let end = (): void => {};
    const endless = new Promise<void>((resolve) => {
      end = resolve;
    });
    const worker = world.hostWorker(
      'mail',
      wrapProcessor(() => endless, telemetry),
    );
    observeWorker(worker, telemetry);
    await world.hostQueue('mail').add('welcome', {});
    await waitFor(() => telemetry.spans.length === 1, { what: 'the start' });

    await worker.close(true);
    end();

    expect(telemetry.find('process mail')?.outcome).toBe('lost');
  });

  it('leaves a worker alone that is observed already, until that ends', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const worker = world.hostWorker('mail', async () => {});
    const queue = world.hostQueue('mail');
    const stop = observeWorker(worker, telemetry);
    observeWorker(worker, telemetry);

    await queue.add('welcome', {});
    await endedSpan(telemetry, 'process mail');
    stop();
    observeWorker(worker, telemetry);
    await queue.add('welcome', {});

    await endedSpans(telemetry, 'process mail', 2);
    expect(telemetry.spans.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  });

  it('leaves the drop-in Worker alone', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const worker = world.worker('mail', async () => {}, recording);
    observeWorker(worker, recording);

    await world.hostQueue('mail').add('welcome', {});
    await endedSpan(recording, 'process mail');

    expect(recording.spans).toHaveLength(1);
  });
});

describe('wrapProcessor', () => {
  it('keeps the length of the processor, so that BullMQ gives it an AbortSignal', () => {
    const recording = ambientRecording();

    expect(wrapProcessor(async (_job: Job) => {}, recording)).toHaveLength(1);
    expect(
      wrapProcessor(async (_job: Job, _token: string, _signal: AbortSignal) => {}, recording),
    ).toHaveLength(3);
  });

  it('is the processor itself when telemetry is off', () => {
    const processor = async () => {};

    expect(wrapProcessor(processor, undefined)).toBe(processor);
  });

  it('tells what the processor handed back, below bullmqTelemetry', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording);
    const processor = async (job: Job, token?: string) => {
      if (job.attemptsStarted > 1) return;
      await job.moveToDelayed(Date.now() + 5, token);
      throw new DelayedError();
    };
    world.hostWorker('mail', wrapProcessor(processor, recording), { telemetry });

    await world.hostQueue('mail', { telemetry }).add('welcome', {});

    const spans = await endedSpans(recording, 'process mail', 2);
    expect(recording.spans).toHaveLength(3);
    expect(spans.map((span) => span.outcome)).toEqual(['delayed', 'ok']);
    expect(spans.map((span) => span.attributes['throughline.attempt'])).toEqual([1, 2]);
  });

  it('keeps the error itself, below bullmqTelemetry', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const telemetry = bullmqTelemetry(recording);
    const failure = new UnrecoverableError('no');
    world.hostWorker(
      'mail',
      wrapProcessor(() => Promise.reject(failure), recording),
      { telemetry },
    );

    await world.hostQueue('mail', { telemetry }).add('welcome', {}, { attempts: 3 });

    const span = await endedSpan(recording, 'process mail');
    expect(span.outcome).toBe('error');
    expect(span.error).toBe(failure);
  });

  it('keeps the first error, not what is thrown while BullMQ moves the failed job', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const failure = new Error('no funds');
    const processor = wrapProcessor(async (job: Job) => {
      await world.redis.del(`${world.prefix}:mail:${job.id}:lock`);
      throw failure;
    }, recording);
    world.hostWorker('mail', processor, { telemetry: bullmqTelemetry(recording) });

    await world.hostQueue('mail').add('welcome', {});

    const span = await endedSpan(recording, 'process mail');
    expect(span.outcome).toBe('lost');
    expect(span.error).toBe(failure);
  });

  it.each([
    {
      what: 'throws what throws when it is looked at',
      processor: () =>
        Promise.reject({
          get message(): never {
            throw new Error('not today');
          },
        }),
    },
    {
      what: 'returns what throws when it is looked at',
      processor: (): never =>
        Object.defineProperty({}, 'then', { get: () => JSON.parse('not JSON') }) as never,
    },
  ])('ends the span of a processor that $what', async ({ processor }) => {
    const world = openJobWorld();
    const recording = ambientRecording();
    world.hostWorker('mail', wrapProcessor(processor, recording));

    await world.hostQueue('mail').add('welcome', {});

    expect((await endedSpan(recording, 'process mail')).outcome).toBe('error');
  });

  it('by itself expects no retry of an error that extends UnrecoverableError', async () => {
    class NoSuchUserError extends UnrecoverableError {}
    const world = openJobWorld();
    const recording = ambientRecording();
    world.hostWorker(
      'mail',
      wrapProcessor(() => Promise.reject(new NoSuchUserError('no')), recording),
    );

    await world.hostQueue('mail').add('welcome', {}, { attempts: 5 });

    expect((await endedSpan(recording, 'process mail')).outcome).toBe('error');
  });

  it('makes the span by itself on a worker without any telemetry', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const limited = async (job: Job) => {
      if (job.attemptsStarted === 1) throw new Error('busy');
      if (job.attemptsStarted === 2) throw new UnrecoverableError('no');
    };
    world.hostWorker('mail', wrapProcessor(limited, recording));

    await world.queue('mail', recording).add('welcome', {}, { attempts: 3 });

    const spans = await endedSpans(recording, 'process mail', 2);
    expect(spans.map((span) => span.outcome)).toEqual(['retry', 'error']);
    expect(spans[0]?.parent?.spanId).toBe(recording.find('send mail')?.context.spanId);
  });

  it('adds to the span of the drop-in Worker', async () => {
    const world = openJobWorld();
    const recording = ambientRecording();
    const queue = world.hostQueue('mail');
    const processor = async (job: Job) => {
      if (job.attemptsStarted > 1) return;
      await queue.rateLimit(5);
      throw new RateLimitError();
    };
    world.worker('mail', wrapProcessor(processor, recording), recording);

    await queue.add('welcome', {});

    const spans = await endedSpans(recording, 'process mail', 2);
    expect(spans.map((span) => span.outcome)).toEqual(['rate_limited', 'ok']);
  });

  it('asks a thenable once', async () => {
    const recording = ambientRecording();
    const asked: string[] = [];
    const lazy = {
      // biome-ignore lint/suspicious/noThenProperty: this is the thing under test
      then: (resolve: (value: string) => void) => {
        asked.push('asked');
        resolve('done');
      },
    };

    const result = await wrapProcessor(() => lazy, recording)();

    expect(result).toBe('done');
    expect(asked).toEqual(['asked']);
  });

  it('calls the processor with its own this, once, when there is no job', () => {
    const recording = ambientRecording();
    const seen: unknown[] = [];
    const self = {};
    const wrapped = wrapProcessor(function (this: unknown, ...args: unknown[]) {
      seen.push(this, args);
      return 'done';
    }, recording);

    expect(Reflect.apply(wrapped, self, [null])).toBe('done');
    expect(seen).toEqual([self, [null]]);
  });
});
