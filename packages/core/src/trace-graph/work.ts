import type { StoredEntity } from '../events/trace-event.ts';
import { compareNumbers } from './event-order.ts';
import { compareSpans, type FoldedSpan } from './folded-span.ts';
import type { SpanState, TraceSpan } from './trace-span.ts';

/** Everything that was done about one piece of work: one job, one task. */
export interface WorkAttempts {
  readonly entity: StoredEntity;
  /** By attempt number, then by start. */
  readonly attempts: readonly TraceSpan[];
  /** What sent it, by start. */
  readonly sends: readonly TraceSpan[];
  /** The state of the latest attempt. `open` when it was sent and nobody has started it. */
  readonly state: SpanState;
  /** The latest attempt; `undefined` when nobody has started it. */
  readonly latest: TraceSpan | undefined;
  /** How many attempts failed. `attempts.length` counts the starts. */
  readonly failures: number;
  /** How many failures are allowed. */
  readonly maxAttempts: number | undefined;
}

/** The work to ask for: an entity, or as much of it as is known; a text is its id. */
export type WorkRef = string | (Partial<StoredEntity> & { readonly id: string });

/** The spans of one entity. */
export class FoldedWork implements WorkAttempts {
  readonly entity: StoredEntity;
  readonly attempts: FoldedSpan[] = [];
  readonly sends: FoldedSpan[] = [];

  constructor(entity: StoredEntity, spans: readonly FoldedSpan[]) {
    this.entity = entity;
    const reports: FoldedSpan[] = [];
    const isNumbered = spans.some((span) => span.attempt !== undefined && !isStallReport(span));
    for (const span of spans) {
      if (span.form === 'send') this.sends.push(span);
      else if (isStallReport(span)) reports.push(span);
      else if (isAttempt(span, isNumbered)) this.attempts.push(span);
    }
    if (this.attempts.length === 0) this.attempts.push(...reports);
    for (const span of this.attempts) span.work = this;
    this.attempts.sort(compareAttempts);
    this.sends.sort(compareSpans);
    this.#settle(reports);
  }

  /**
   * An open attempt is interrupted when a newer one exists or when a stall was reported. A report without a number is
   * about the earliest attempt that is still open.
   */
  #settle(reports: readonly FoldedSpan[]): void {
    for (const span of this.attempts) if (span !== this.latest && span.isOpen) span.isAbandoned = true;
    for (const report of reports) {
      const lost = this.attempts.find(
        (span) => span.isOpen && (report.attempt === undefined || report.attempt === span.attempt),
      );
      if (lost !== undefined) lost.isAbandoned = true;
    }
  }

  get first(): FoldedSpan | undefined {
    return [...this.sends.slice(0, 1), ...this.attempts.slice(0, 1)].sort(compareSpans)[0];
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
}

/** Whether this attempt failed, whatever follows. */
export function hasFailed({ state }: TraceSpan): boolean {
  return state === 'failed' || state === 'retrying';
}

/** The spans of each entity, by {@link workKey}. */
export function indexWork(spans: readonly FoldedSpan[]): ReadonlyMap<string, FoldedWork> {
  const grouped = new Map<string, FoldedSpan[]>();
  for (const span of spans) {
    if (span.entity === undefined) continue;
    const key = workKey(span.entity);
    const group = grouped.get(key);
    if (group === undefined) grouped.set(key, [span]);
    else group.push(span);
  }
  const works = new Map<string, FoldedWork>();
  for (const [key, group] of grouped)
    works.set(key, new FoldedWork((group[0] as FoldedSpan).entity as StoredEntity, group));
  return works;
}

/** The work that `work` describes; when several fit, the first by {@link compareWork}. */
export function findWork(works: ReadonlyMap<string, FoldedWork>, work: WorkRef): FoldedWork | undefined {
  const { id, system, queue, name } = typeof work === 'string' ? { id: work } : { ...work };
  return [...works.values()]
    .filter(
      ({ entity }) =>
        fits(entity.id, id) &&
        fits(entity.system, system) &&
        fits(entity.queue, queue) &&
        fits(entity.name, name),
    )
    .sort(compareWork)[0];
}

function fits(actual: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || actual === wanted;
}

/** By the first span of each, sends included. */
export function compareWork(a: FoldedWork, b: FoldedWork): number {
  const first = a.first;
  const other = b.first;
  return first === undefined || other === undefined ? 0 : compareSpans(first, other);
}

/** Ids are unique within a queue of a system, no further. */
export function workKey({ system, queue, id }: StoredEntity): string {
  return `${system}\n${queue ?? ''}\n${id}`;
}

/** Where attempts are numbered, a span without a number is something inside an attempt, unless it is an end by itself. */
function isAttempt(span: FoldedSpan, isNumbered: boolean): boolean {
  if (span.form === 'point' && !span.hasEnded) return false;
  return !isNumbered || span.attempt !== undefined || span.form === 'point';
}

/** Somebody who watched the queue says that an attempt stalled; it did no work itself. */
function isStallReport(span: FoldedSpan): boolean {
  return (
    span.hasEnded && span.state === 'interrupted' && span.durationMs === 0 && span.firstChild === undefined
  );
}

export function compareAttempts(a: FoldedSpan, b: FoldedSpan): number {
  return compareNumbers(a.attempt ?? 0, b.attempt ?? 0) || compareSpans(a, b);
}
