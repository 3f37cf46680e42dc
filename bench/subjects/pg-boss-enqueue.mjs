import { pgBossQueue } from './pg-boss-queue.mjs';
import { postgresEnqueue } from './postgres-enqueue.mjs';

export default postgresEnqueue(pgBossQueue);
