import {
  ATTR_THROUGHLINE_REASON,
  type Attributes,
  METRIC_THROUGHLINE_STALLED,
  type SpanLink,
  type SpanOutcome,
  type SpanRelation,
} from '@throughline/core';
import { isCountedAnew, maxAttemptsOf, type ObservedJob } from '../job/observed-job.ts';
import { attempts, endedStarts, fetchedJobs } from './attempt-registry.ts';
import type { EndedStart } from './ended-start.ts';
import type { RunningStart } from './running-start.ts';

/** What came before a start: its part of a span's options. */
export interface StartHistory {
  readonly links: readonly SpanLink[];
  readonly attributes: Attributes;
}

/** Why a job was started, where it is not for the first time, or not when it was due. */
type StartReason = 'stalled' | 'manual_retry' | 'promoted';

const followingBy: Readonly<Partial<Record<SpanOutcome, SpanRelation>>> = {
  retry: 'retry_of',
  error: 'retry_of',
  delayed: 'continues',
  rate_limited: 'continues',
  waiting: 'continues',
  released: 'continues',
  lost: 'recovered_from',
};
/** Clocks of two hosts differ a little; what is early by more than this was brought forward. */
const slackMs = 1_000;

/**
 * What is known of the starts before this one: from the job's own counters, and from this process when it ran the start
 * just before. Nothing is guessed: where the counters allow for two stories, neither is told.
 *
 * @returns `undefined` when there is nothing to tell, as for nearly every first start
 */
export function historyOf(job: ObservedJob): StartHistory | undefined {
  if (job.attemptsStarted > 1) return laterStart(job);
  if (isCountedAnew(job)) return startCountedAnew(job);
  return isEarly(job, firstDueAt(job)) ? toldAs([], 'promoted', 0) : undefined;
}

/** Keeps how a start ended, for the next one in this process. The start that began last has the say. */
export function rememberEnd(job: ObservedJob, end: Omit<EndedStart, 'attempt' | 'stalls' | 'dueAt'>): void {
  const key = keyOf(job);
  if ((endedStarts.get(key)?.startedAt ?? 0) > end.startedAt) return;
  endedStarts.set(key, {
    ...end,
    attempt: job.attemptsStarted,
    stalls: stallsOf(job),
    dueAt: nextDueAt(job, end.outcome),
  });
}

/** The job is completed: nothing follows. */
export function forgetStarts(job: ObservedJob): void {
  if (job.attemptsStarted > 1 || isCountedAnew(job)) endedStarts.take(keyOf(job));
}

function startCountedAnew(job: ObservedJob): StartHistory {
  const before = endedStarts.get(keyOf(job));
  return toldAs(before ? linksTo(job, before) : [], 'manual_retry', stallsOf(job));
}

function laterStart(job: ObservedJob): StartHistory | undefined {
  const before = endedBefore(job);
  if (before) return toldAs(linksTo(job, before), reasonAfter(job, before), stallsOf(job));
  const running = runningBefore(job);
  if (running) return afterRunning(job, running);
  return toldAs([], reasonByCounters(job), stallsOf(job));
}

/** Nobody can bring the job of that start to an end any more; only its processor does not know. */
function afterRunning(job: ObservedJob, running: RunningStart): StartHistory {
  const isStalled = running.job !== undefined && stallsOf(job) > stallsOf(running.job);
  if (isStalled) running.lockLost();
  if (running.job && fetchedJobs.get(running.job)) running.close(isStalled ? 'lost' : 'released');
  const relation = isStalled ? 'recovered_from' : 'continues';
  return toldAs(
    [{ context: running.span.context, relation }],
    isStalled ? 'stalled' : undefined,
    stallsOf(job),
  );
}

function toldAs(links: readonly SpanLink[], reason: StartReason | undefined, stalls: number): StartHistory {
  const attributes = {
    [ATTR_THROUGHLINE_REASON]: reason,
    [METRIC_THROUGHLINE_STALLED]: stalls > 0 ? stalls : undefined,
  };
  return { links, attributes };
}

function endedBefore(job: ObservedJob): EndedStart | undefined {
  const ended = endedStarts.get(keyOf(job));
  return ended?.attempt === job.attemptsStarted - 1 ? ended : undefined;
}

/**
 * The start before that goes on in this very process: it stalled because nothing could renew its lock, or the job was
 * fetched by hand and moved on by other means than this object of it.
 */
function runningBefore(job: ObservedJob): RunningStart | undefined {
  if (stallsOf(job) === 0 && fetchedJobs.size === 0) return undefined;
  const key = keyOf(job);
  for (const attempt of attempts.values()) {
    const other = attempt.job;
    if (other?.attemptsStarted === job.attemptsStarted - 1 && keyOf(other) === key) return attempt;
  }
  return undefined;
}

function linksTo(job: ObservedJob, { context, outcome, stalls }: EndedStart): readonly SpanLink[] {
  const relation = stallsOf(job) > stalls ? 'recovered_from' : followingBy[outcome];
  return context ? [{ context, relation }] : [];
}

function reasonAfter(job: ObservedJob, { outcome, stalls, dueAt }: EndedStart): StartReason | undefined {
  if (stallsOf(job) > stalls) return 'stalled';
  if (outcome === 'error') return 'manual_retry'; // BullMQ itself never starts such a job again.
  return isEarly(job, dueAt) ? 'promoted' : undefined;
}

/**
 * Every start ended in one of three ways: with a result or failure (`attemptsMade`), in a stall, or handed back, which is
 * not counted. So a sum that leaves no room for a job that was handed back tells which it was, when there was only one.
 */
function reasonByCounters(job: ObservedJob): StartReason | undefined {
  const before = job.attemptsStarted - 1;
  if (job.attemptsMade === 0 && before === stallsOf(job)) return 'stalled';
  const isOverdue = job.attemptsMade >= maxAttemptsOf(job.opts);
  return isOverdue && before === job.attemptsMade ? 'manual_retry' : undefined;
}

function isEarly({ processedOn }: ObservedJob, dueAt: number | undefined): boolean {
  return processedOn !== undefined && dueAt !== undefined && processedOn + slackMs < dueAt;
}

function firstDueAt({ timestamp, opts }: ObservedJob): number | undefined {
  const delayMs = opts?.delay;
  return typeof delayMs === 'number' && delayMs > 0 ? timestamp + delayMs : undefined;
}

/** BullMQ keeps the backoff, or the delay that the processor chose, in `delay`. */
function nextDueAt({ delay }: ObservedJob, outcome: SpanOutcome): number | undefined {
  const isPutOff = outcome === 'retry' || outcome === 'delayed';
  return isPutOff && typeof delay === 'number' && delay > 0 ? Date.now() + delay : undefined;
}

/** Ids are used again once a queue is obliterated; together with the time they are not. */
function keyOf({ queueQualifiedName, id, timestamp }: ObservedJob): string {
  return `${queueQualifiedName} ${id} ${timestamp}`;
}

function stallsOf({ stalledCounter }: ObservedJob): number {
  return stalledCounter ?? 0;
}
