import { attempts } from './attempt-registry.ts';

/** A worker could not renew the locks of these jobs: their starts in this process are on borrowed time. */
export function locksLost(qualifiedQueue: string, jobIds: readonly string[]): void {
  const ids = new Set<string | undefined>(jobIds);
  for (const attempt of attempts.values()) {
    const { job } = attempt;
    if (job && ids.has(job.id) && job.queueQualifiedName === qualifiedQueue) attempt.lockLost();
  }
}
