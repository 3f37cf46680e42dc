import { spawnNode } from '@throughline/testkit';
import { DelayedError } from 'bullmq';
import type { Worker, WorkerOptions } from '../../../src/index.ts';
import { sameMajor } from '../../support/same-major.ts';
import type { Play, Plays } from '../situation.ts';
import type { Stage } from '../stage.ts';

const works = async (): Promise<void> => {};
/** Looks for stalled jobs at every turn. */
const watchful = { stalledInterval: 50 };
/** Never says that it is alive. */
const mute = { skipStalledCheck: true, skipLockRenewal: true };

interface Held {
  readonly id: string;
  readonly worker: Worker;
  /** Lets the processor go on. */
  release(): void;
}

/** A job whose worker runs it until it is let go. */
async function heldJob(stage: Stage, opts: Partial<WorkerOptions> = {}): Promise<Held> {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const worker = stage.worker(() => released, opts);
  const running = new Promise<string>((resolve) => worker.on('active', ({ id = '' }) => resolve(id)));
  await stage.queue().add('job', {});
  return { id: await running, worker, release };
}

const loseLock = (stage: Stage, id: string): Promise<number> =>
  stage.world.redis.del(`${stage.world.prefix}:mail:${id}:lock`);

const killWorker = async (stage: Stage): Promise<void> => {
  const { connection, prefix } = stage.world;
  const child = spawnNode(
    new URL('../../fixtures/endless-worker.mjs', import.meta.url),
    [connection.host, String(connection.port), prefix],
    { nodeOptions: sameMajor },
  );
  await child.waitForLine(/^ready/);
  await stage.queue().add('job', {});
  const { spans, events } = JSON.parse((await child.waitForLine(/^told/)).slice('told '.length));
  stage.told(spans, events);
  await child.kill('SIGKILL');
};

const closing =
  (force: boolean): Play =>
  async (stage) => {
    const { worker, release } = await heldJob(stage);
    const closed = worker.close(force);
    release();
    await closed;
    await stage.ended('process mail');
  };

/** Workers that stop, stall or die. */
export const lostWorkers: Plays = {
  'Its worker stalls, and another one takes the job up': async (stage) => {
    const { id, release } = await heldJob(stage, mute);
    await loseLock(stage, id);
    const other = stage.worker(works, watchful);
    await new Promise((resolve) => other.on('completed', resolve));
    release();
    await stage.ended('process mail', 2);
  },
  'It stalls more often than it may (`maxStalledCount`)': async (stage) => {
    const { id, release } = await heldJob(stage, mute);
    await loseLock(stage, id);
    const other = stage.worker(works, { ...watchful, maxStalledCount: 0 });
    await new Promise((resolve) => other.on('failed', resolve));
    release();
    await stage.ended('process mail', 2);
  },
  'It is started more often than it may (`maxStartedAttempts`)': async (stage) => {
    stage.worker(
      async (job, token) => {
        await job.moveToDelayed(Date.now() + 10, token);
        throw new DelayedError();
      },
      { maxStartedAttempts: 1 },
    );
    await stage.queue().add('job', {});
    await stage.ended('process mail', 2);
  },
  'Its queue is obliterated while it runs': async (stage) => {
    const { release } = await heldJob(stage);
    await stage.queue().obliterate({ force: true });
    release();
    await stage.ended('process mail');
  },
  'Its lock is gone when it has finished': async (stage) => {
    const { id, release } = await heldJob(stage, mute);
    await loseLock(stage, id);
    release();
    await stage.ended('process mail');
  },
  'Its worker is killed, and another one takes the job up': async (stage) => {
    await killWorker(stage);
    stage.worker(works, watchful);
    await stage.ended('process mail');
  },
  'Its worker closes, and waits for it (`close()`)': closing(false),
  'Its worker closes, and does not wait (`close(true)`)': closing(true),
};
