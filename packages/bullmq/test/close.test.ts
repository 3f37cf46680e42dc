import type { FlushResult } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import * as host from 'bullmq';
import { describe, expect, it } from 'vitest';
import { ambientRecording, endedSpan, openJobWorld } from './support/job-world.ts';
import { storingHere } from './support/storing-process.ts';

/** A processor that runs until it is told to stop. */
function endless(): { readonly processor: () => Promise<void>; started(): Promise<unknown>; stop(): void } {
  const events = new EventTarget();
  const once = (event: string): Promise<void> =>
    new Promise((resolve) => events.addEventListener(event, () => resolve(), { once: true }));
  const [started, stopped] = [once('started'), once('stopped')];
  const processor = (): Promise<void> => {
    events.dispatchEvent(new Event('started'));
    return stopped;
  };
  return { processor, started: () => started, stop: () => void events.dispatchEvent(new Event('stopped')) };
}

describe('worker.close()', () => {
  it('waits for running jobs, whose spans end before the flush', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const openAtFlush: unknown[] = [];
    const flush = async (): Promise<FlushResult> => {
      openAtFlush.push(telemetry.spans.filter(({ endTime }) => endTime === undefined).length);
      return { complete: true };
    };
    Object.assign(telemetry, { flush });
    const { processor, started, stop } = endless();
    const worker = world.worker('mail', processor, telemetry);
    await world.hostQueue('mail').add('welcome', {});
    await started();

    const closed = worker.close();
    stop();
    await closed;

    expect(telemetry.find('process mail')?.outcome).toBe('ok');
    expect(openAtFlush).toEqual([0]);
  });

  it('leaves everything stored that the worker told', async () => {
    const world = openJobWorld();
    const here = storingHere();
    const worker = world.worker('mail', async () => {}, here.telemetry);
    const completed = new Promise((resolve) => worker.once('completed', resolve));
    const job = await world.queue('mail', here.telemetry).add('welcome', {});
    await completed;

    await worker.close();

    const graph = await here.graphOf(job.id ?? '');
    expect(graph.findByType('job:completed')).toHaveLength(1);
  });

  it('tells of a job that slows the queue down meanwhile what BullMQ makes of it', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const { processor, started, stop } = endless();
    const limited = async (): Promise<never> => {
      await processor();
      await worker.rateLimit(5);
      throw host.Worker.RateLimitError();
    };
    const worker = world.worker('mail', limited, telemetry);
    const queue = world.hostQueue('mail');
    await queue.add('welcome', {});
    await started();

    const closed = worker.close();
    stop();
    await closed;

    expect(await queue.getWaitingCount()).toBe(1);
    expect(telemetry.find('process mail')?.outcome).toBe('rate_limited');
  });
});

describe('worker.close(true)', () => {
  it('ends the spans of running jobs as lost before it resolves, because nobody renews their locks', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const { processor, started, stop } = endless();
    const worker = world.worker('mail', processor, telemetry);
    await world.hostQueue('mail').add('welcome', {});
    await started();

    await worker.close(true);

    const span = telemetry.find('process mail');
    expect(span?.outcome).toBe('lost');
    expect(span?.attributes['throughline.reason']).toBe('worker_closed');
    stop();
  });

  it('has that stored when it resolves', async () => {
    const world = openJobWorld();
    const here = storingHere();
    const { processor, started, stop } = endless();
    const worker = world.worker('mail', processor, here.telemetry);
    const { id = '' } = await world.queue('mail', here.telemetry).add('welcome', {});
    await started();

    await worker.close(true);

    const graph = await here.graphOf(id);
    expect(graph.attempts(id)?.state).toBe('interrupted');
    stop();
  });

  it('is followed by a start that recovers the job', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const { processor, started, stop } = endless();
    const worker = world.worker('mail', processor, telemetry, { lockDuration: 50, skipStalledCheck: true });
    await world.hostQueue('mail').add('welcome', {});
    await started();
    await worker.close(true);
    stop();

    world.worker('mail', async () => {}, telemetry, { stalledInterval: 20 });

    const ended = () => telemetry.spans.filter(({ name, endTime }) => name === 'process mail' && endTime);
    await waitFor(() => ended().length === 2, { what: 'the second start' });
    const [first, second] = ended();
    expect(second?.links).toEqual([{ context: first?.context, relation: 'recovered_from' }]);
    expect(second?.attributes['throughline.reason']).toBe('stalled');
  });
});

describe('worker.pause() and resume()', () => {
  it('leave the spans of running jobs as they are', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const { processor, started, stop } = endless();
    const worker = world.worker('mail', processor, telemetry);
    await world.hostQueue('mail').add('welcome', {});
    await started();

    await worker.pause(true);
    expect(telemetry.find('process mail')?.endTime).toBeUndefined();
    await worker.resume();
    stop();

    expect((await endedSpan(telemetry, 'process mail')).outcome).toBe('ok');
  });
});
