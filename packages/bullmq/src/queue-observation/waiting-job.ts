/** A job in one of the queue's waiting places, as the poll found it. */
export interface WaitingJob {
  readonly id: string;
  /** When it was added, ms since the epoch. */
  readonly addedAt: number;
  /** Ms; its option `delay`. */
  readonly delayMs: number;
  /** 0 before its first start, and more with every start. */
  readonly starts: number;
  /** Whether it waited for its children before it waited for a worker. */
  readonly isParent: boolean;
}

/** Which jobs wait, as far as one of them may be the oldest. */
export interface WaitingJobs {
  /** By the clock of Redis, ms since the epoch. */
  readonly now: number;
  /** When the first delayed job is or was due, ms since the epoch. */
  readonly delayedDueAt: number | undefined;
  readonly jobs: readonly WaitingJob[];
}

/** Reads the reply of the poll. What is not of its shape is left out: another client may answer in its own way. */
export function readWaitingJobs(now: number, [delayedDueAt, ...jobs]: readonly unknown[]): WaitingJobs {
  const due = Number(delayedDueAt);
  return {
    now,
    delayedDueAt: due > 0 ? due : undefined,
    jobs: jobs.filter(Array.isArray).map(readJob),
  };
}

function readJob([id, addedAt, delayMs, starts, isParent]: readonly unknown[]): WaitingJob {
  return {
    id: String(id),
    addedAt: Number(addedAt),
    delayMs: Math.max(Number(delayMs) || 0, 0),
    starts: Number(starts),
    isParent: Number(isParent) > 0,
  };
}
