import { fileURLToPath } from 'node:url';
import * as host from 'bullmq';

const useBullmq5 = fileURLToPath(new URL('../fixtures/use-bullmq-5.mjs', import.meta.url));

/** Which major of BullMQ this project runs with. */
export const major: '5' | '6' = 'RedisQueueBackend' in host ? '6' : '5';

/** Options of Node for another process that has to run with the same major. */
export const sameMajor: readonly string[] = major === '6' ? [] : ['--import', useBullmq5];
