import { pgBossQueue } from './pg-boss-queue.mjs';
import { postgresDrain } from './postgres-drain.mjs';

const settings = new URL(import.meta.url).searchParams;

export default postgresDrain(pgBossQueue, settings);
