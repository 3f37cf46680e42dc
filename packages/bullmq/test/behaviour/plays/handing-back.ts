import { DelayedError, RateLimitError, WaitingChildrenError, WaitingError } from 'bullmq';
import type { Plays } from '../situation.ts';

/** A processor hands its job back to the queue. */
export const handingBack: Plays = {
  'It puts the job off: `moveToDelayed` and `DelayedError`': async (stage) => {
    stage.worker(async (job, token) => {
      if (job.attemptsStarted > 1) return;
      await job.moveToDelayed(Date.now() + 10, token);
      throw new DelayedError();
    });
    await stage.queue().add('job', {});
    await stage.ended('process mail', 2);
  },
  'It slows the queue down: `rateLimit` and `RateLimitError`': async (stage) => {
    const queue = stage.queue();
    stage.worker(async (job) => {
      if (job.attemptsStarted > 1) return;
      await queue.rateLimit(10);
      throw new RateLimitError();
    });
    await queue.add('job', {});
    await stage.ended('process mail', 2);
  },
  'It waits for a child it added: `moveToWaitingChildren` and `WaitingChildrenError`': async (stage) => {
    const children = stage.queue('children');
    stage.worker(async (job, token = '') => {
      if (job.attemptsStarted > 1) return;
      await children.add('job', {}, { parent: { id: job.id as string, queue: job.queueQualifiedName } });
      if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
    });
    await stage.queue().add('job', {});
    await stage.ended('process mail');
    stage.worker(async () => {}, {}, 'children');
    await stage.ended('process mail', 2);
  },
  'It gives the job to another worker: `moveToWait` and `WaitingError`': async (stage) => {
    stage.worker(async (job, token) => {
      if (job.attemptsStarted > 1) return;
      await job.moveToWait(token);
      throw new WaitingError();
    });
    await stage.queue().add('job', {});
    await stage.ended('process mail', 2);
  },
};
