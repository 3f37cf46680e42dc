import { pgBossQueue } from './pg-boss-queue.mjs';
import { postgresDrain } from './postgres-drain.mjs';

const settings = new URL(import.meta.url).searchParams;
const batchSize = Number(settings.get('batch') ?? 1_000);

export default postgresDrain((url) => pgBossQueue(url, { batchSize }), settings);
