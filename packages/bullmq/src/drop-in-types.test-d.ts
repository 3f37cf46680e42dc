import { createTraceContext } from '@throughline/core';
import { createRecordingTelemetry } from '@throughline/core/testing';
import * as host from 'bullmq';
import { describe, expectTypeOf, it } from 'vitest';
import {
  bullmqCarrier,
  bullmqTelemetry,
  currentJobTrace,
  FlowProducer,
  jobRelation,
  observeWorker,
  Queue,
  Worker,
  wrapProcessor,
} from './index.ts';

interface Mail {
  readonly to: string;
}

const connection = { host: '127.0.0.1', port: 6379 };
const telemetry = createRecordingTelemetry();

describe('the drop-in Queue', () => {
  it('types data, result and name as BullMQ does', () => {
    const queue = new Queue<Mail, number, 'welcome'>('mail', { connection, telemetry });
    expectTypeOf(queue.add).parameter(1).toEqualTypeOf<Mail>();
    expectTypeOf(queue.add('welcome', { to: 'ada' })).resolves.toEqualTypeOf<
      host.Job<Mail, number, 'welcome'>
    >();
    // @ts-expect-error no such job name
    queue.add('goodbye', { to: 'ada' });
    // @ts-expect-error `to` is missing
    queue.add('welcome', {});
  });

  it('takes a Job type in place of the data, as BullMQ does', () => {
    const queue = new Queue<host.Job<Mail, number, 'welcome'>>('mail', { connection });
    expectTypeOf(queue.add).parameter(1).toEqualTypeOf<Mail>();
  });

  it('leaves data open when nothing is said', () => {
    const queue = new Queue('mail', { connection });
    queue.add('welcome', 5);
    queue.addBulk([{ name: 'welcome', data: [], opts: { delay: 5 } }]);
  });

  it("is one of BullMQ's", () => {
    expectTypeOf<Queue<Mail>>().toExtend<host.Queue<Mail>>();
    expectTypeOf<Worker<Mail>>().toExtend<host.Worker<Mail>>();
    expectTypeOf<FlowProducer>().toExtend<host.FlowProducer>();
  });

  it('takes what another class has in its options', () => {
    const queue = new Queue('mail', { connection, telemetry });
    new Queue('letters', queue.opts);
    new Queue('letters', { connection, telemetry: undefined });
    new Queue('letters', { connection, telemetry: bullmqTelemetry(telemetry) });
    new FlowProducer({ connection, prefix: 'app', telemetry });
  });

  it('refuses a telemetry that is none', () => {
    // @ts-expect-error a number
    new Queue('mail', { connection, telemetry: 5 });
  });
});

describe('the drop-in Worker', () => {
  it('types the processor as BullMQ does', () => {
    const worker = new Worker<Mail, number>(
      'mail',
      async (job, token, signal) => {
        expectTypeOf(job).toEqualTypeOf<host.Job<Mail, number, string>>();
        expectTypeOf(token).toEqualTypeOf<string | undefined>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal | undefined>();
        return job.data.to.length;
      },
      { connection, concurrency: 5, telemetry },
    );
    worker.on('completed', (job, result) => {
      expectTypeOf(job.data).toEqualTypeOf<Mail>();
      expectTypeOf(result).toEqualTypeOf<number>();
    });
  });

  it('takes a file, a URL or nothing in place of the processor', () => {
    new Worker('mail', '/srv/app/processor.js', { connection });
    new Worker('mail', new URL('file:///srv/app/processor.js'), { connection });
    new Worker('mail', null, { connection });
  });
});

describe('the layers', () => {
  it("fit BullMQ's classes", () => {
    const shaped = bullmqTelemetry(telemetry, { prefix: 'app', internalSpans: true });
    new host.Queue('mail', { connection, telemetry: shaped });
    new host.FlowProducer({ connection, telemetry: shaped });
    const worker = new host.Worker<Mail>(
      'mail',
      wrapProcessor(async (job: host.Job<Mail>) => job.data.to, telemetry),
      { connection, telemetry: shaped },
    );
    expectTypeOf(observeWorker(worker, telemetry)).toEqualTypeOf<() => void>();
  });

  it('keep the type of a wrapped processor', () => {
    const processor = async (job: host.Job<Mail>, _token?: string): Promise<number> => job.data.to.length;
    expectTypeOf(wrapProcessor(processor, telemetry)).toEqualTypeOf(processor);
  });

  it('tell a processor that is written in place what it gets', () => {
    wrapProcessor(async (job, token, signal) => {
      expectTypeOf(job.attemptsMade).toEqualTypeOf<number>();
      expectTypeOf(token).toEqualTypeOf<string>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    }, telemetry);
  });

  it('take a job of any type', () => {
    expectTypeOf(currentJobTrace).toBeCallableWith({} as host.Job<Mail, number, 'welcome'>);
  });
});

describe('the relation of a job', () => {
  it("fits BullMQ's job options, on every way to add a job", () => {
    const opts: host.JobsOptions = { delay: 5, telemetry: jobRelation('link') };
    const carried: host.JobsOptions = {
      telemetry: bullmqCarrier(createTraceContext(), { relation: 'parent' }),
    };
    const queue = new Queue('mail', { connection, telemetry });
    queue.add('welcome', 5, opts);
    queue.addBulk([{ name: 'welcome', data: 5, opts: carried }]);
    queue.upsertJobScheduler(
      'daily',
      { every: 1_000 },
      { name: 'welcome', opts: { telemetry: jobRelation('link') } },
    );
    new FlowProducer({ connection, telemetry }).add({ name: 'welcome', queueName: 'mail', opts });
  });

  it('is one of three words', () => {
    // @ts-expect-error no such relation
    jobRelation('child');
    bullmqTelemetry(telemetry, {
      relation: ({ name, opts }) => (name === 'a' && opts.delay ? 'link' : 'auto'),
    });
    // @ts-expect-error no such relation
    bullmqTelemetry(telemetry, { relation: () => 'child' });
  });
});
