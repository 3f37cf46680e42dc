import type { Plays } from '../situation.ts';

const works = async (): Promise<void> => {};
const anHour = 3_600_000;

/** A job waits: for its time, for its turn, for the queue. */
export const waiting: Plays = {
  'A job is delayed for a moment': async (stage) => {
    stage.worker(works);
    await stage.queue().add('job', {}, { delay: 20 });
    await stage.ended('process mail');
  },
  'A job is delayed for an hour, and promoted': async (stage) => {
    stage.worker(works);
    const job = await stage.queue().add('job', {}, { delay: anHour });
    await job.promote();
    await stage.ended('process mail');
  },
  'Jobs have priorities': async (stage) => {
    const queue = stage.queue();
    await queue.add('later', {}, { priority: 2 });
    await queue.add('first', {}, { priority: 1 });
    stage.worker(works);
    await stage.ended('process mail', 2);
  },
  'The last job goes first (`lifo`)': async (stage) => {
    const queue = stage.queue();
    await queue.add('later', {}, { lifo: true });
    await queue.add('first', {}, { lifo: true });
    stage.worker(works);
    await stage.ended('process mail', 2);
  },
  'The queue is paused, then resumed': async (stage) => {
    const queue = stage.queue();
    await queue.pause();
    stage.worker(works);
    await queue.add('job', {});
    await queue.resume();
    await stage.ended('process mail');
  },
  'The worker has a `limiter`': async (stage) => {
    const queue = stage.queue();
    await queue.add('job', {});
    await queue.add('job', {});
    stage.worker(works, { limiter: { max: 1, duration: 20 } });
    await stage.ended('process mail', 2);
  },
  'A job is removed before it starts': async (stage) => {
    const job = await stage.queue().add('job', {});
    await job.remove();
  },
};
