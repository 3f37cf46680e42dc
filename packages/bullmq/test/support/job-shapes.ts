import { fileURLToPath } from 'node:url';
import { type FlowProducer, type Processor, type Queue, UnrecoverableError } from 'bullmq';

const sandboxed = fileURLToPath(new URL('../fixtures/sandboxed-mail.cjs', import.meta.url));
const anHour = 3_600_000;

type Processing = 'works' | 'fails once' | 'fails' | 'fails for good' | 'runs in a child process';

/** What a worker does with the jobs of a shape. */
export const processors: Readonly<Record<Processing, Processor | string>> = {
  works: async () => 'done',
  'fails once': async (job) => {
    if (job.attemptsStarted === 1) throw new Error('busy');
  },
  fails: () => Promise.reject(new Error('busy')),
  'fails for good': () => Promise.reject(new UnrecoverableError('no such address')),
  'runs in a child process': sandboxed,
};

/** What jobs are added with. */
interface Producers {
  readonly queue: Queue;
  readonly flows: FlowProducer;
}

/** A job shape: how jobs are added, and how often workers say that one has ended. */
export interface JobShape {
  readonly what: string;
  readonly add: (producers: Producers) => Promise<unknown>;
  /** @default 'works' */
  readonly processor?: Processing;
  readonly endings: number;
}

const flow = {
  name: 'report',
  queueName: 'mail',
  children: [
    { name: 'fetch', queueName: 'mail' },
    { name: 'fetch', queueName: 'mail', opts: { attempts: 2 } },
  ],
};

/** Every shape of job there is. */
export const jobShapes: readonly JobShape[] = [
  { what: 'a job', add: ({ queue }) => queue.add('a', {}), endings: 1 },
  {
    what: 'jobs one after the other',
    add: async ({ queue }) => {
      for (let index = 0; index < 12; index += 1) await queue.add('a', {});
    },
    endings: 12,
  },
  {
    what: 'a job with priority',
    add: ({ queue }) => queue.add('a', {}, { priority: 3 }),
    endings: 1,
  },
  {
    what: 'a delayed job that is promoted',
    add: async ({ queue }) => (await queue.add('a', {}, { delay: anHour })).promote(),
    endings: 1,
  },
  {
    what: 'a duplicate and a deduplicated job',
    add: async ({ queue }) => {
      const opts = { jobId: 'a', deduplication: { id: 'a' } };
      for (let index = 0; index < 3; index += 1) await queue.add('a', {}, opts);
    },
    endings: 1,
  },
  {
    what: 'a bulk',
    add: ({ queue }) =>
      queue.addBulk([
        { name: 'a', data: {} },
        { name: 'b', data: null, opts: { attempts: 2 } },
      ]),
    endings: 2,
  },
  { what: 'a flow', add: ({ flows }) => flows.add(flow), endings: 3 },
  {
    what: 'flows in bulk',
    add: ({ flows }) => flows.addBulk([flow, flow]),
    endings: 6,
  },
  {
    what: 'the tick of a schedule',
    add: ({ queue }) => queue.upsertJobScheduler('hourly', { every: anHour }),
    endings: 1,
  },
  {
    what: 'a job that fails once',
    add: ({ queue }) => queue.add('a', {}, { attempts: 2 }),
    processor: 'fails once',
    endings: 2,
  },
  {
    what: 'a job that fails and waits for its backoff',
    add: ({ queue }) => queue.add('a', {}, { attempts: 2, backoff: anHour }),
    processor: 'fails',
    endings: 1,
  },
  {
    what: 'a job that fails for good',
    add: ({ queue }) => queue.add('a', {}, { attempts: 2 }),
    processor: 'fails for good',
    endings: 1,
  },
  {
    what: 'a sandboxed job',
    add: ({ queue }) => queue.add('a', {}),
    processor: 'runs in a child process',
    endings: 1,
  },
  {
    what: 'a sandboxed job that fails',
    add: ({ queue }) => queue.add('a', { fails: true }),
    processor: 'runs in a child process',
    endings: 1,
  },
];
