import { major } from '../../support/same-major.ts';
import type { Plays } from '../situation.ts';

const works = async (): Promise<void> => {};

/** Jobs that come again. */
export const repeating: Plays = {
  'A schedule ticks for the first time': async (stage) => {
    stage.worker(works);
    await stage.queue().upsertJobScheduler('hourly', { every: 3_600_000 }, { name: 'job' });
    await stage.ended('process mail');
  },
  'A schedule ticks three times (`every`)': async (stage) => {
    stage.worker(works);
    await stage.queue().upsertJobScheduler('often', { every: 50, limit: 3 }, { name: 'job' });
    await stage.ended('process mail', 3);
  },
  'A schedule ticks twice (`pattern`, cron)': async (stage) => {
    stage.worker(works);
    const everySecond = { pattern: '* * * * * *', limit: 2 };
    await stage.queue().upsertJobScheduler('often', everySecond, { name: 'job' });
    await stage.ended('process mail', 2);
  },
  'A job is added with the old option `repeat`': async (stage) => {
    stage.worker(works);
    // BullMQ 6 has the option no more, neither in its types nor in what it does.
    const opts: object = { repeat: { every: 50, limit: 2 } };
    await stage.queue().add('job', {}, opts);
    await stage.ended('process mail', major === '6' ? 1 : 2);
  },
};
