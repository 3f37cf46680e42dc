import { waitFor } from '@throughline/testkit';
import type { Job } from 'bullmq';
import { type JobWorld, openJobWorld } from '../support/job-world.ts';
import type { Surface } from '../support/surfaces.ts';
import { readStoredJobs } from './stored-jobs.ts';
import { WatchedJobs } from './watched-jobs.ts';
import { flowOf, isTimed, jobsByName, type ScriptedJob, type Step, type Workload } from './workload.ts';

/**
 * All that an application, and a reader of Redis, can see of a workload: what each call gave, the order of the starts, and
 * by job what the worker told, what the queue wrote into its stream, and what is stored; objects that listeners were given
 * in place of the very one that was returned or thrown; errors that the worker told beside its jobs. Times and generated ids
 * are left out, and the order of the starts where it depends on when something is due.
 */
export type Observed = unknown;

const anHour = 3_600_000;
/** Jobs that are due later than this belong to nobody's waiting. */
const soonMs = 10_000;
/** Ids that the queue counts are the same in every run. */
const shortestGenerated = 8;

/**
 * Makes the calls of `workload`, one after the other, then starts one worker and lets it work until nothing is due.
 *
 * @param processor a file, in place of what the jobs say
 */
export async function runWorkload(
  surface: Surface,
  workload: Workload,
  processor?: string,
): Promise<Observed> {
  const world = openJobWorld();
  const calls = await makeCalls(surface, world, workload);
  const watched = new WatchedJobs(jobsByName(workload));
  const worker = surface.worker(world, 'work', processor ?? watched.processor, { skipStalledCheck: true });
  watched.watch(worker);
  await nothingIsDue(world);
  await worker.close();
  const { names, jobs, stream } = await readStoredJobs(world, 'work');
  const { starts, told, strangers, errors } = watched;
  const observed = { calls, starts: isTimed(workload) ? [] : starts, told, stream, jobs, strangers, errors };
  return JSON.parse(withoutNames(JSON.stringify(observed), names, world.prefix));
}

async function makeCalls(surface: Surface, world: JobWorld, workload: Workload): Promise<unknown[]> {
  const queue = surface.queue(world, 'work');
  const flows = surface.flows(world);
  const seen = (job: Job, { data }: ScriptedJob): unknown => ({
    id: /^\d+$|^fixed$/.test(job.id ?? '') ? job.id : 'generated',
    name: job.name,
    isOwnData: data === undefined || job.data === data,
    opts: { ...job.opts, telemetry: undefined },
  });
  const make = async (step: Step, name: string): Promise<unknown> => {
    switch (step.call) {
      case 'add':
        return seen(await queue.add(name, step.job.data, step.job.opts), step.job);
      case 'addBulk': {
        const jobs = step.jobs.map(({ data, opts }, index) => ({
          name: `${name}.${index}`,
          data,
          ...(opts && { opts }),
        }));
        return (await queue.addBulk(jobs)).map((job, index) => seen(job, step.jobs[index] as ScriptedJob));
      }
      case 'addFlow': {
        const { job, children = [] } = await flows.add(flowOf(name, step.job, step.children));
        return [
          seen(job, step.job),
          ...children.map((child, index) => seen(child.job, step.children[index] as ScriptedJob)),
        ];
      }
      case 'schedule': {
        const job = await queue.upsertJobScheduler(`schedule ${name}`, { every: anHour }, { name });
        return job?.name;
      }
    }
  };
  const given = JSON.stringify(workload);
  const calls: unknown[] = [];
  for (const [index, step] of workload.entries())
    calls.push(await make(step, String(index)).catch((error: Error) => `refused: ${error.message}`));
  return [...calls, `arguments as they were: ${JSON.stringify(workload) === given}`];
}

async function nothingIsDue({ redis, prefix }: JobWorld): Promise<void> {
  const key = (name: string): string => `${prefix}:work:${name}`;
  const isIdle = async (): Promise<boolean> => {
    const soon = (Date.now() + soonMs) * 0x1000;
    const counts = await Promise.all([
      redis.llen(key('wait')),
      redis.llen(key('active')),
      redis.zcard(key('prioritized')),
      redis.zcount(key('delayed'), 0, soon),
    ]);
    return counts.every((count) => count === 0);
  };
  await waitFor(isIdle, { what: 'all jobs to be settled', timeoutMs: 10_000 });
}

/** Generated ids are named after their jobs, and it is always the beginning of time. */
function withoutNames(text: string, names: ReadonlyMap<string, string>, prefix: string): string {
  let plain = text.replaceAll(prefix, 'prefix');
  for (const [id, name] of names)
    if (id.length >= shortestGenerated) plain = plain.replaceAll(id, `job ${name}`);
  return plain.replaceAll(/\b1\d{12}\b/g, '0');
}
