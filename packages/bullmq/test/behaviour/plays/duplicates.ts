import type { Plays } from '../situation.ts';

const works = async (): Promise<void> => {};
const aMinute = 60_000;

/** A job that is there already. */
export const duplicates: Plays = {
  'A job id is used twice': async (stage) => {
    const queue = stage.queue();
    await queue.add('job', {}, { jobId: 'welcome-ada' });
    await queue.add('job', {}, { jobId: 'welcome-ada' });
    stage.worker(works);
    await stage.ended('process mail');
  },
  'A job is deduplicated while another one waits': async (stage) => {
    const queue = stage.queue();
    await queue.add('job', {}, { deduplication: { id: 'ada' } });
    await queue.add('job', {}, { deduplication: { id: 'ada' } });
    stage.worker(works);
    await stage.ended('process mail');
  },
  'A job is throttled (`deduplication.ttl`)': async (stage) => {
    const queue = stage.queue();
    stage.worker(works);
    await queue.add('job', {}, { deduplication: { id: 'ada', ttl: aMinute } });
    await stage.ended('process mail');
    await queue.add('job', {}, { deduplication: { id: 'ada', ttl: aMinute } });
  },
  'A job is debounced: the later one replaces it (`extend`, `replace`)': async (stage) => {
    const queue = stage.queue();
    const deduplication = { id: 'ada', ttl: aMinute, extend: true, replace: true };
    await queue.add('job', {}, { deduplication, delay: aMinute });
    const last = await queue.add('job', {}, { deduplication, delay: aMinute });
    stage.worker(works);
    await last.promote();
    await stage.ended('process mail');
  },
  'A queue is obliterated, and a job gets the same id again': async (stage) => {
    const queue = stage.queue();
    await queue.add('job', {});
    await queue.obliterate({ force: true });
    await queue.add('job', {});
    stage.worker(works);
    await stage.ended('process mail');
  },
};
