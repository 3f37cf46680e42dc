import { graphileWorkerQueue } from './graphile-worker-queue.mjs';
import { postgresDrain } from './postgres-drain.mjs';

const settings = new URL(import.meta.url).searchParams;
const localQueue = Number(settings.get('batch') ?? 1_000);
const concurrency = Number(settings.get('concurrency') ?? 10);

export default postgresDrain((url) => graphileWorkerQueue(url, { localQueue, concurrency }), settings);
