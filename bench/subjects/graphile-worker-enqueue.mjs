import { graphileWorkerQueue } from './graphile-worker-queue.mjs';
import { postgresEnqueue } from './postgres-enqueue.mjs';

export default postgresEnqueue(graphileWorkerQueue);
