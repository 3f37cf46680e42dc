import { pgconductorQueue } from './pgconductor-queue.mjs';
import { postgresDrain } from './postgres-drain.mjs';

const settings = new URL(import.meta.url).searchParams;
const concurrency = Number(settings.get('concurrency'));

/** Each step is stored before it returns. */
const work = async (/** @type {unknown} */ _event, /** @type {any} */ ctx) => {
  await ctx.step('first', async () => 1);
  await ctx.step('second', async () => 2);
};

export default postgresDrain((url) => pgconductorQueue(url, { work, concurrency }), settings);
