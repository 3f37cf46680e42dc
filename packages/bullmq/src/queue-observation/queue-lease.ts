import { randomTraceId } from '@throughline/core';
import { leaseReleaseScript, queuePollScript } from './queue-poll-script.ts';
import { type ClientOwner, type RedisScript, runScript } from './script-client.ts';
import { readWaitingJobs, type WaitingJobs } from './waiting-job.ts';

/** What the lease needs of a queue. */
export interface LeasedQueue extends ClientOwner {
  toKey(type: string): string;
}

/** What came of asking for the lease: it is ours, with what was found and when; or another's, for so many ms. */
export type LeaseAnswer =
  | { readonly isOurs: true; readonly now: number; readonly waiting: WaitingJobs | undefined }
  | { readonly isOurs: false; readonly endsInMs: number };

const poll: RedisScript = { name: 'throughline:pollQueue', numberOfKeys: 5, lua: queuePollScript };
const release: RedisScript = { name: 'throughline:releaseQueue', numberOfKeys: 1, lua: leaseReleaseScript };

/**
 * The right to observe a queue: a key in Redis that ends by itself, so that no holder has to be alive for the next one
 * to take over, and no clock but that of Redis matters.
 *
 * It is one of the queue's own keys, so that it lies in the queue's slot of a cluster and within the key patterns that
 * an application may have been granted. No job can have its name: BullMQ allows no single colon in job ids.
 */
export class QueueLease {
  readonly #queue: LeasedQueue;
  readonly #holder = randomTraceId();
  readonly #forMs: number;

  constructor(queue: LeasedQueue, forMs: number) {
    this.#queue = queue;
    this.#forMs = forMs;
  }

  /** Takes the lease or keeps it, and looks at the jobs that wait when `wantsOldest`. One command. */
  async ask(wantsOldest: boolean): Promise<LeaseAnswer> {
    const keyOf = (type: string): string => this.#queue.toKey(type);
    const keys = [this.#key, ...['wait', 'paused', 'prioritized', 'delayed'].map(keyOf)];
    const args = [...keys, this.#holder, this.#forMs, keyOf(''), wantsOldest ? '1' : '0'];
    const [isOurs, number, ...found] = (await runScript(this.#queue, poll, args)) as readonly unknown[];
    if (Number(isOurs) !== 1) return { isOurs: false, endsInMs: Number(number) };
    const now = Number(number);
    return { isOurs: true, now, waiting: wantsOldest ? readWaitingJobs(now, found) : undefined };
  }

  /** Gives the lease back, if it is ours. */
  async release(): Promise<void> {
    await runScript(this.#queue, release, [this.#key, this.#holder]);
  }

  get #key(): string {
    return this.#queue.toKey('throughline:observer');
  }
}
