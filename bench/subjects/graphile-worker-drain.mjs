import { graphileWorkerQueue } from './graphile-worker-queue.mjs';
import { postgresDrain } from './postgres-drain.mjs';

const settings = new URL(import.meta.url).searchParams;

export default postgresDrain(graphileWorkerQueue, settings);
