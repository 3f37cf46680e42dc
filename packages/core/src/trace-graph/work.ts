import type { StoredEntity } from '../events/trace-event.ts';
import { compareNumbers } from './event-order.ts';
import { compareSpans, type FoldedSpan, type SpanWork } from './folded-span.ts';
import type { SpanState, TraceSpan } from './trace-span.ts';

/** The spans of one entity. */
export class FoldedWork implements SpanWork {
  readonly attempts: FoldedSpan[];
  readonly sends: FoldedSpan[] = [];
  readonly #spans: readonly FoldedSpan[];
  #first: FoldedSpan | undefined;
  /** The numbers of the attempts whose stall somebody reported; `undefined` among them: one without a number. */
  #stalls: ReadonlySet<number | undefined> | undefined;
  #before: ReadonlyMap<FoldedSpan, FoldedSpan | undefined> | undefined;

  /** @param spans all spans that name the entity, at least one */
  constructor(spans: readonly FoldedSpan[]) {
    this.#spans = spans;
    const reports: FoldedSpan[] = [];
    const attempts: FoldedSpan[] = [];
    const isNumbered = spans.some((span) => span.attempt !== undefined && !isStallReport(span));
    for (const span of spans) {
      if (span.form === 'send') this.sends.push(span);
      else if (isStallReport(span)) reports.push(span);
      else if (isAttempt(span, isNumbered)) attempts.push(span);
    }
    this.attempts = attempts.length > 0 ? attempts : [...reports];
    if (attempts.length > 0) for (const span of reports) span.isReport = true;
    for (const span of this.attempts) span.work = this;
    this.attempts.sort(compareAttempts);
    this.sends.sort(compareSpans);
    if (reports.length > 0) this.#stalls = new Set(reports.map(({ attempt }) => attempt));
    this.#settle(reports);
  }

  /** Whether a report of a stall may be about this attempt. */
  isStallReported({ attempt }: FoldedSpan): boolean {
    return this.#stalls?.has(undefined) === true || this.#stalls?.has(attempt) === true;
  }

  /**
   * An open attempt is interrupted when a newer one exists, or when a stall of it was reported. Reports without a number
   * are about the earlier attempts that were lost without a report of their own, as far as there are such, and then about
   * the latest.
   */
  #settle(reports: readonly FoldedSpan[]): void {
    const { latest } = this;
    if (latest === undefined) return;
    for (const span of this.attempts) if (span !== latest && span.isOpen) span.isAbandoned = true;
    if (!latest.isOpen) return;
    let unnumbered = 0;
    for (const { attempt } of reports) if (attempt === undefined) unnumbered++;
    for (const span of this.attempts)
      if (span.state === 'interrupted' && !this.#isReported(span)) unnumbered--;
    if (this.#isReported(latest) || unnumbered > 0) latest.isAbandoned = true;
  }

  #isReported({ attempt }: FoldedSpan): boolean {
    return attempt !== undefined && this.#stalls?.has(attempt) === true;
  }

  /** The attempt before `span`. */
  before(span: FoldedSpan): FoldedSpan | undefined {
    this.#before ??= new Map(this.attempts.slice(1).map((attempt, i) => [attempt, this.attempts[i]]));
    return this.#before.get(span);
  }

  /** Whatever named the entity first. */
  get first(): FoldedSpan {
    this.#first ??= firstOf(this.#spans);
    return this.#first;
  }

  get entity(): StoredEntity {
    return entityOf(this.#spans, this.first);
  }

  get latest(): FoldedSpan | undefined {
    return this.attempts.at(-1);
  }

  get state(): SpanState {
    return this.latest?.state ?? 'open';
  }

  get failures(): number {
    return this.attempts.filter(hasFailed).length;
  }

  get maxAttempts(): number | undefined {
    return this.attempts.find((span) => span.maxAttempts !== undefined)?.maxAttempts;
  }

  toJSON(): object {
    const { entity, state, attempts, sends, failures, maxAttempts } = this;
    return { entity, state, attempts, sends, failures, maxAttempts };
  }
}

/** Whether this attempt failed, whatever follows. */
export function hasFailed({ state }: TraceSpan): boolean {
  return state === 'failed' || state === 'retrying';
}

export function compareWork(a: FoldedWork, b: FoldedWork): number {
  return compareSpans(a.first, b.first);
}

/** Names may differ or be absent; the first span that has one gives it. */
function entityOf(spans: readonly FoldedSpan[], first: FoldedSpan): StoredEntity {
  if (first.entity?.name !== undefined) return first.entity;
  const named = spans.filter(({ entity }) => entity?.name !== undefined);
  return (named.length > 0 ? firstOf(named) : first).entity as StoredEntity;
}

function firstOf(spans: readonly FoldedSpan[]): FoldedSpan {
  return spans.reduce((a, b) => (compareSpans(a, b) > 0 ? b : a));
}

/** Where attempts are numbered, a span without a number is something inside an attempt, unless it is an end by itself. */
function isAttempt(span: FoldedSpan, isNumbered: boolean): boolean {
  if (span.form === 'point' && !span.hasEnded) return false;
  return !isNumbered || span.attempt !== undefined || span.form === 'point';
}

/** Somebody who watched the queue says that an attempt stalled; it did no work itself. */
function isStallReport(span: FoldedSpan): boolean {
  return span.hasEnded && span.state === 'interrupted' && span.durationMs === 0 && span.children.length === 0;
}

export function compareAttempts(a: FoldedSpan, b: FoldedSpan): number {
  return compareNumbers(a.attempt ?? 0, b.attempt ?? 0) || compareSpans(a, b);
}
