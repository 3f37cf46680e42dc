import type { JobWorld } from '../support/job-world.ts';
import { ByName } from './by-name.ts';

/** What a queue keeps of its jobs in Redis. */
export interface StoredJobs {
  /** Names of the jobs that were ever there, by id. */
  readonly names: ReadonlyMap<string, string>;
  /** Hash and state of each. */
  readonly jobs: ByName<object>;
  /** What the queue wrote into its stream of events. */
  readonly stream: ByName<object>;
}

type Fields = Readonly<Record<string, string>>;

export async function readStoredJobs(world: JobWorld, queueName: string): Promise<StoredJobs> {
  const { redis, prefix } = world;
  const queue = world.hostQueue(queueName);
  const { names, stream } = await readStream(world, queueName);
  const jobs = new ByName<object>();
  // Ticks of one schedule have one name: the one that ran comes before the one that is to come.
  for (const key of (await redis.keys(`${prefix}:${queueName}:*`)).sort()) {
    const hash = (await redis.type(key)) === 'hash' ? await redis.hgetall(key) : {};
    const { name } = hash;
    if (name === undefined || hash.data === undefined || hash.timestamp === undefined) continue;
    const id = key.slice(`${prefix}:${queueName}:`.length);
    jobs.add(name, { state: await queue.getJobState(id), ...withoutChance(hash) });
  }
  return { names, jobs, stream };
}

async function readStream(
  { redis, prefix }: JobWorld,
  queueName: string,
): Promise<Pick<StoredJobs, 'names' | 'stream'>> {
  const names = new Map<string, string>();
  const stream = new ByName<object>();
  for (const [, pairs] of await redis.xrange(`${prefix}:${queueName}:events`, '-', '+')) {
    const { jobId, ...fields } = fieldsOf(pairs);
    if (jobId === undefined) continue;
    if (fields.event === 'added') names.set(jobId, fields.name ?? '');
    stream.add(names.get(jobId) ?? jobId, fields);
  }
  return { names, stream };
}

function fieldsOf(pairs: readonly string[]): Fields {
  const entries: [string, string][] = [];
  for (let index = 0; index + 1 < pairs.length; index += 2)
    entries.push([pairs[index] as string, pairs[index + 1] as string]);
  return Object.fromEntries(entries);
}

/** A hash without our carrier, the frames of a stack, and when the next tick of a schedule is. */
function withoutChance(hash: Fields): object {
  const { opts = '{}', stacktrace = '[]', ...fields } = hash;
  const { tm: _carrier, ...options } = JSON.parse(opts);
  const plain = { ...fields, opts: options, stacktrace: JSON.parse(stacktrace).length };
  if (hash.rjk === undefined) return plain;
  return { ...plain, delay: 'next tick', opts: { ...options, delay: 'next tick', repeat: 'every' } };
}
