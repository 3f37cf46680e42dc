import {
  ErrorCode,
  FlowProducer,
  Job,
  JobScheduler,
  Queue,
  QueueEvents,
  SpanKind,
  TelemetryAttributes,
  Worker,
} from 'bullmq';
import { describe, expect, it } from 'vitest';
import * as surface from '../src/index.ts';
import { openJobWorld } from './support/job-world.ts';

/** The number of parameters before the first default, as `Function.length` tells it. */
function lengths(prototype: object, methods: readonly string[]): Record<string, number | undefined> {
  const own = prototype as Readonly<Record<string, { readonly length: number } | undefined>>;
  return Object.fromEntries(methods.map((method) => [method, own[method]?.length]));
}

/**
 * What the drop-in classes are built on. When a version of BullMQ changes one of these, this says so before an
 * application finds out.
 */
describe('the methods of BullMQ that are overridden', () => {
  it('are there on Queue, with their parameters', () => {
    const expected = { add: 3, addJob: 3, addBulk: 1, trace: 5, obliterate: 1 };

    expect(lengths(Queue.prototype, Object.keys(expected))).toEqual(expected);
  });

  it('are there on Worker, with their parameters', () => {
    const expected = {
      processJob: 2,
      callProcessJob: 3,
      handleFailed: 3,
      emit: 1,
      getNextJob: 1,
      run: 0,
      startStalledCheckTimer: 0,
      trace: 5,
      close: 0,
    };

    expect(lengths(Worker.prototype, Object.keys(expected))).toEqual(expected);
  });

  it.each([Queue, Worker])(
    'have the object that adds the ticks of schedules behind a getter of $name',
    ({ prototype }) => {
      const property = Object.getOwnPropertyDescriptor(prototype, 'jobScheduler');

      expect(property?.get).toBeTypeOf('function');
      expect(JobScheduler.prototype.upsertJobScheduler).toBeTypeOf('function');
    },
  );

  it('are there on Job, for those that are fetched by hand', () => {
    const expected = {
      moveToCompleted: 2,
      moveToFailed: 2,
      moveToDelayed: 2,
      moveToWait: 1,
      moveToWaitingChildren: 1,
    };

    expect(lengths(Job.prototype, Object.keys(expected))).toEqual(expected);
    expect(Job.fromId).toBeTypeOf('function');
  });

  it('are there on FlowProducer, with their parameters', () => {
    const expected = { add: 2, addBulk: 1 };

    expect(lengths(FlowProducer.prototype, Object.keys(expected))).toEqual(expected);
  });

  it('are called by BullMQ in the order the drop-in classes count on', async () => {
    const world = openJobWorld();
    const calls: string[] = [];
    class WatchedQueue extends Queue {
      protected override addJob(...args: Parameters<Queue['add']>): ReturnType<Queue['add']> {
        calls.push('addJob');
        return super.addJob(...args);
      }
    }
    class WatchedWorker extends Worker {
      override processJob(...args: Parameters<Worker['processJob']>): ReturnType<Worker['processJob']> {
        calls.push('processJob');
        return super.processJob(...args);
      }
      protected override callProcessJob(...args: Parameters<Worker['callProcessJob']>): Promise<unknown> {
        calls.push('callProcessJob');
        return super.callProcessJob(...args);
      }
      protected override handleFailed(
        ...args: Parameters<Worker['handleFailed']>
      ): ReturnType<Worker['handleFailed']> {
        calls.push('handleFailed');
        return super.handleFailed(...args);
      }
    }
    const { connection, prefix } = world;
    const queue = new WatchedQueue('mail', { connection, prefix });
    const worker = new WatchedWorker(
      'mail',
      async () => {
        calls.push('processor');
        throw new Error('busy');
      },
      { connection, prefix },
    );
    worker.on('failed', (job) => calls.push(`failed ${typeof job?.finishedOn}`));

    await queue.add('welcome', {}, { attempts: 2 });
    await expect.poll(() => calls.length).toBe(11);
    await Promise.all([queue.close(), worker.close()]);

    const attempt = ['processJob', 'callProcessJob', 'processor', 'handleFailed'];
    expect(calls).toEqual(['addJob', ...attempt, 'failed undefined', ...attempt, 'failed number']);
  });

  it('give the processor a job object of its own for every start', async () => {
    const world = openJobWorld();
    const jobs: object[] = [];
    world.hostWorker('mail', async (job) => {
      jobs.push(job);
      throw new Error('busy');
    });

    await world.hostQueue('mail').add('welcome', {}, { attempts: 2 });
    await expect.poll(() => jobs.length).toBe(2);

    expect(jobs[0]).not.toBe(jobs[1]);
  });
});

describe("BullMQ's error codes", () => {
  it('are those by which a refused result is understood', () => {
    const { JobNotExist, JobLockNotExist, JobNotInState, JobLockMismatch } = ErrorCode;

    expect([JobNotExist, JobLockNotExist, JobNotInState, JobLockMismatch]).toEqual([-1, -2, -3, -6]);
  });
});

describe("BullMQ's telemetry vocabulary", () => {
  it('has the kinds and names that bullmqTelemetry reads', () => {
    const { INTERNAL, PRODUCER, CONSUMER } = SpanKind;
    const { QueueName, JobId, JobName, BulkCount, WorkerId, JobFailedReason } = TelemetryAttributes;

    expect({ INTERNAL, PRODUCER, CONSUMER }).toEqual({ INTERNAL: 0, PRODUCER: 3, CONSUMER: 4 });
    expect([QueueName, JobId, JobName, BulkCount, WorkerId, JobFailedReason]).not.toContain(undefined);
  });
});

describe('the package', () => {
  it("re-exports BullMQ's QueueEvents unchanged", () => {
    expect(surface.QueueEvents).toBe(QueueEvents);
  });

  it("has classes that are BullMQ's", () => {
    expect(surface.Queue.prototype).toBeInstanceOf(Queue);
    expect(surface.Worker.prototype).toBeInstanceOf(Worker);
    expect(surface.FlowProducer.prototype).toBeInstanceOf(FlowProducer);
  });
});
