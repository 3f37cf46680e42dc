import type { SpanOutcome } from '@throughline/core';
import type { ObservedJob } from '../job/observed-job.ts';
import { fetchedJobs } from './attempt-registry.ts';
import type { RunningStart } from './running-start.ts';

type Move = (...args: never[]) => Promise<unknown>;
/** Tells the attempt what a move that went well has made of it. */
type Telling = (attempt: RunningStart, job: ObservedJob, args: readonly unknown[], moved: unknown) => void;

const handedBack =
  (outcome: SpanOutcome): Telling =>
  (attempt) =>
    attempt.handedBack(outcome);

/** The methods of a job by which an application that fetched it by hand says what became of it. */
const moves: Readonly<Record<string, Telling>> = {
  moveToCompleted: (attempt) => attempt.completed(),
  moveToFailed: (attempt, job, [error]) => attempt.failed(error, job.finishedOn === undefined),
  moveToDelayed: handedBack('delayed'),
  moveToWait: handedBack('released'),
  moveToWaitingChildren: (attempt, _job, _args, moved) => {
    if (moved) attempt.handedBack('waiting'); // `false`: no child is left to wait for
  },
};

/** The start that each job object stands for, also after it has ended: the object may be asked for again. */
export const followedJobs: WeakMap<object, RunningStart> = new WeakMap();

/**
 * Ends the attempt of a job that was fetched by hand with the first move of that job object, which no worker tells of.
 *
 * The moves are methods of this one object until then: BullMQ's prototypes stay as they are, and nothing of it is seen
 * when the job is listed or serialized. Of jobs that are dropped, the oldest is given up when there are too many.
 */
export function followFetchedJob(job: ObservedJob, attempt: RunningStart): void {
  followedJobs.set(job, attempt);
  fetchedJobs.set(job, attempt)?.close('lost');
  for (const [name, tell] of Object.entries(moves)) {
    const move = (job as unknown as Readonly<Record<string, Move>>)[name] as Move;
    const followed = async (...args: never[]): Promise<unknown> => {
      try {
        const moved = await Reflect.apply(move, job, args);
        tell(attempt, job, args, moved);
        return moved;
      } catch (refusal) {
        attempt.refused(refusal);
        throw refusal;
      } finally {
        if (attempt.isSettled) unfollow(job);
      }
    };
    Object.defineProperty(job, name, { value: followed, configurable: true, writable: true });
  }
}

function unfollow(job: ObservedJob): void {
  for (const name of Object.keys(moves)) Reflect.deleteProperty(job, name);
}
