import type { Job } from 'bullmq';
import type { Plays } from '../situation.ts';

/** Fails at its first start. */
async function failsOnce(job: Job): Promise<void> {
  if (job.attemptsStarted === 1) throw new Error('busy');
}

/** Somebody steps in. */
export const byHand: Plays = {
  'A job that had failed is retried by hand (`job.retry`)': async (stage) => {
    stage.worker(failsOnce);
    const job = await stage.queue().add('job', {});
    await stage.ended('process mail');
    await job.retry();
    await stage.ended('process mail', 2);
  },
  'All failed jobs of a queue are retried (`queue.retryJobs`)': async (stage) => {
    const queue = stage.queue();
    stage.worker(failsOnce);
    await queue.add('job', {});
    await stage.ended('process mail');
    await queue.retryJobs();
    await stage.ended('process mail', 2);
  },
  'A running job is cancelled (`worker.cancelJob`)': async (stage) => {
    const worker = stage.worker(
      (_job, _token, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    const running = new Promise<string>((resolve) => worker.on('active', ({ id = '' }) => resolve(id)));
    await stage.queue().add('job', {}, { attempts: 2 });
    const id = await running;
    await stage.until(() => worker.cancelJob(id, 'not needed any more'), 'the job to be cancelled');
    await stage.until(() => worker.cancelJob(id, 'not needed any more'), 'its second start to be cancelled');
    await stage.ended('process mail', 2);
  },
  'A loop fetches jobs by hand (`getNextJob`) and completes one': async (stage) => {
    await stage.queue().add('job', {});
    const worker = stage.worker(null, { autorun: false });
    const job: Job = await worker.getNextJob('token');
    await job.moveToCompleted('done', 'token', false);
  },
  'A loop fetches jobs by hand and fails one': async (stage) => {
    await stage.queue().add('job', {});
    const worker = stage.worker(null, { autorun: false });
    const job: Job = await worker.getNextJob('token');
    await job.moveToFailed(new RangeError('busy'), 'token', false);
  },
};
