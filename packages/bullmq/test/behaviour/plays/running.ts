import { type Job, UnrecoverableError } from 'bullmq';
import type { Plays } from '../situation.ts';

const works = async (): Promise<string> => 'done';

/** Fails until it was tried `failures` times. */
const failing =
  (failures: number) =>
  async (job: Job): Promise<void> => {
    if (job.attemptsMade < failures) throw new RangeError('busy');
  };

/** A job runs, and works or fails. */
export const running: Plays = {
  'A job is added and works': async (stage) => {
    stage.worker(works);
    await stage.queue().add('job', {});
    await stage.ended('process mail');
  },
  'It fails, is retried, and works': async (stage) => {
    stage.worker(failing(1));
    await stage.queue().add('job', {}, { attempts: 3 });
    await stage.ended('process mail', 2);
  },
  'It fails, waits for its backoff, and works': async (stage) => {
    stage.worker(failing(1));
    await stage.queue().add('job', {}, { attempts: 3, backoff: 20 });
    await stage.ended('process mail', 2);
  },
  'It fails until no attempt is left': async (stage) => {
    stage.worker(failing(2));
    await stage.queue().add('job', {}, { attempts: 2 });
    await stage.ended('process mail', 2);
  },
  'It throws an `UnrecoverableError`, with attempts left': async (stage) => {
    stage.worker(() => Promise.reject(new UnrecoverableError('no such address')));
    await stage.queue().add('job', {}, { attempts: 3 });
    await stage.ended('process mail');
  },
  'It throws something that is no error': async (stage) => {
    stage.worker(() => Promise.reject('no'));
    await stage.queue().add('job', {});
    await stage.ended('process mail');
  },
  'Its backoff strategy stops the retries': async (stage) => {
    stage.worker(failing(1), { settings: { backoffStrategy: () => -1 } });
    await stage.queue().add('job', {}, { attempts: 3, backoff: { type: 'custom' } });
    await stage.ended('process mail');
  },
  'Its processor adds a job to another queue': async (stage) => {
    const invoices = stage.queue('invoices');
    stage.worker(async () => void (await invoices.add('job', {})));
    stage.worker(works, {}, 'invoices');
    await stage.queue().add('job', {});
    await stage.ended('process invoices');
  },
};
