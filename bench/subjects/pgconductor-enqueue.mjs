import { pgconductorQueue } from './pgconductor-queue.mjs';
import { postgresEnqueue } from './postgres-enqueue.mjs';

export default postgresEnqueue(pgconductorQueue);
