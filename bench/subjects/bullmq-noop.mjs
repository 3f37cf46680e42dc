import { Queue, Worker } from '@throughline/bullmq';
import { bullmqJobs } from './bullmq-jobs.mjs';

export default bullmqJobs({ Queue, Worker });
