import type { FlowJob, JobsOptions } from 'bullmq';

/** What one start of a job comes to. */
export const endings = [
  'returns',
  'throws',
  'throws at once',
  'throws text',
  'gives up',
  'puts off',
  'hands over',
  'slows down',
] as const;
export type Ending = (typeof endings)[number];

/** A job, and what its starts come to, one after the other; a start beyond the last returns. */
export interface ScriptedJob {
  readonly endings: readonly Ending[];
  readonly opts?: JobsOptions | undefined;
  readonly data?: unknown;
}

/** One call of an application. */
export type Step =
  | { readonly call: 'add'; readonly job: ScriptedJob }
  | { readonly call: 'addBulk'; readonly jobs: readonly ScriptedJob[] }
  | { readonly call: 'addFlow'; readonly job: ScriptedJob; readonly children: readonly ScriptedJob[] }
  | { readonly call: 'schedule'; readonly job: ScriptedJob };

export type Workload = readonly Step[];

/** The jobs of a workload by the name they get: `2` is the job of the third step, `2.1` its second part. */
export function jobsByName(workload: Workload): ReadonlyMap<string, ScriptedJob> {
  return new Map(workload.flatMap((step, index) => jobsOf(step, String(index))));
}

function jobsOf(step: Step, name: string): readonly (readonly [string, ScriptedJob])[] {
  const parts = (jobs: readonly ScriptedJob[]) =>
    jobs.map((job, index) => [`${name}.${index}`, job] as const);
  switch (step.call) {
    case 'addBulk':
      return parts(step.jobs);
    case 'addFlow':
      return [[name, step.job], ...parts(step.children)];
    default:
      return [[name, step.job]];
  }
}

/** Whether the order of its jobs depends on when something is due. */
export function isTimed(workload: Workload): boolean {
  return [...jobsByName(workload).values()].some(
    ({ endings: ends, opts }) =>
      ends.includes('puts off') || ends.includes('slows down') || opts?.delay || opts?.backoff,
  );
}

/** The flow of a step. */
export function flowOf(name: string, job: ScriptedJob, children: readonly ScriptedJob[]): FlowJob {
  const node = (jobName: string, { data, opts }: ScriptedJob): FlowJob => ({
    name: jobName,
    queueName: 'work',
    data,
    ...(opts && { opts: opts as NonNullable<FlowJob['opts']> }),
  });
  return {
    ...node(name, job),
    children: children.map((child, index) => node(`${name}.${index}`, child)),
  };
}
