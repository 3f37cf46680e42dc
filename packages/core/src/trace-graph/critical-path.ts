import { type Confidence, confidenceOf } from './confidence.ts';
import { compareNumbers } from './event-order.ts';
import { compareSpans, type FoldedSpan } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';
import { causeOf } from './link.ts';
import { queuedAt, windowOf } from './timing.ts';
import type { TraceSpan } from './trace-span.ts';
import { isHandedOver, workBelow } from './work-below.ts';

/*
 * Back from the end. At every instant one span is answerable for the trace not being over yet:
 *
 *   root   ├──────┐                 ┌───┐  ┌────┤      what waited for nothing below it ran itself
 *   A             └─┬──┐  ┌─────────┘   │  │           the last to finish is what was waited for …
 *   B (side by side)│──│──│───┤         │  │           … and what still ran when that began was not
 *   job             └┄┄┴──┘             └┄┄┴──         ┄ in a queue, put off, or between two attempts
 *
 * From the work that ended last the walk goes up to the root, and down into what finished inside. What was handed to a
 * queue and ended after the span that sent it was not waited for, unless the end of the trace is its end. Other work
 * that seems to run past its parent is cut at the end of the parent.
 */

/** A stretch of the critical path. */
export interface PathSegment {
  readonly span: TraceSpan;
  /** `wait`: it was put off, or in a queue, and nobody worked on it. */
  readonly kind: 'run' | 'wait';
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  readonly endTime: number;
  readonly durationMs: number;
}

/** What the trace would have to do faster to end earlier. */
export interface CriticalPath {
  /** By time; each begins where the one before it ended. Empty when no work has a readable time. */
  readonly segments: readonly PathSegment[];
  /** The spans on the path, each once, in the order in which the path reaches them. */
  readonly spans: readonly TraceSpan[];
  /** From the start of the first segment to the end of the last one. */
  readonly durationMs: number;
  readonly confidence: Confidence;
}

/** Each span is entered once and its children sorted by end: O(n log k). */
export function findCriticalPath(trace: FoldedTrace): CriticalPath {
  trace.work.all();
  const walk = new BackwardWalk(trace);
  const last = lastToEnd(trace);
  if (last !== undefined) walk.from(last);
  return walk.path;
}

/** The work that ended last, or was seen last when it has no end. Ties: the first by start. */
function lastToEnd({ spans, concerned }: FoldedTrace): FoldedSpan | undefined {
  let last: FoldedSpan | undefined;
  let lastEnd = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    if (span.isReport || !isWork(span) || concerned?.has(span.traceId) === false) continue;
    const end = windowOf(span)?.end ?? Number.NEGATIVE_INFINITY;
    const isLater = end > lastEnd || (end === lastEnd && last !== undefined && compareSpans(span, last) < 0);
    if (!isLater) continue;
    last = span;
    lastEnd = end;
  }
  return last;
}

/** Also an end whose start nobody recorded. */
function isWork({ form, hasEnded }: FoldedSpan): boolean {
  return form === 'work' || (form === 'point' && hasEnded);
}

/** Also work that waits for another start. */
function isUnfinished({ isOpen, work }: FoldedSpan): boolean {
  return isOpen || work?.state === 'retrying' || work?.state === 'suspended';
}

interface Candidate {
  readonly span: FoldedSpan;
  readonly end: number;
  readonly isCut: boolean;
}

/** A span that the walk is in. */
interface Visit {
  readonly span: FoldedSpan;
  /** Where the span around it begins: nothing inside is told before that. */
  readonly floor: number;
  readonly from: number;
  /** What may have been waited for, the last to finish at the end. */
  readonly rest: Candidate[];
}

class BackwardWalk {
  readonly #trace: FoldedTrace;
  /** The latest first. */
  readonly #segments: PathSegment[] = [];
  readonly #visited = new Set<FoldedSpan>();
  readonly #reasons = new Set<string>();
  /** Everything after it is on the path. */
  #cursor = Number.NEGATIVE_INFINITY;

  constructor(trace: FoldedTrace) {
    this.#trace = trace;
    if (trace.cutOffs.length > 0 || trace.hasGaps) this.#reasons.add('not all events are here');
  }

  from(last: FoldedSpan): void {
    this.#cursor = windowOf(last)?.end ?? this.#cursor;
    const spine = this.#upFrom(last);
    let below = last;
    for (const span of spine) {
      this.#bridge(below, span);
      below = span;
      if (windowOf(span) !== undefined) this.#cover(span);
    }
    if (below.form === 'missing') this.#reasons.add('events are missing above the path');
    if (spine.some(isUnfinished)) this.#reasons.add('the trace has not ended');
    if (hasSeveralRoots(this.#trace)) this.#reasons.add('the trace has several roots');
  }

  get path(): CriticalPath {
    const segments = [...this.#segments].reverse();
    const first = segments[0];
    const end = segments.at(-1)?.endTime ?? 0;
    return {
      segments,
      spans: [...new Set(segments.map(({ span }) => span))],
      durationMs: first === undefined ? 0 : end - first.startTime,
      confidence: confidenceOf(this.#reasons),
    };
  }

  #upFrom(last: FoldedSpan): readonly FoldedSpan[] {
    const { concerned } = this.#trace;
    const spine: FoldedSpan[] = [];
    let span: FoldedSpan | undefined = last;
    while (span !== undefined && concerned?.has(span.traceId) !== false) {
      spine.push(span);
      this.#visited.add(span);
      span = causeOf(span);
    }
    return spine;
  }

  /** The time between the end of a span and the start of what it caused. */
  #bridge(below: FoldedSpan, span: FoldedSpan): void {
    const window = windowOf(span);
    if (window === undefined) return void this.#note(span);
    if (span.endTime !== undefined) this.#tell(below, 'wait', window.end);
    if (window.start > this.#cursor) this.#reasons.add('clocks disagree');
  }

  #note(span: FoldedSpan): void {
    if (span.form !== 'missing') this.#reasons.add('times are missing');
  }

  /** What `top` did until the cursor, what it waited for inside, and what it was kept waiting by before it began. */
  #cover(top: FoldedSpan): void {
    const stack = [this.#enter(top, Number.NEGATIVE_INFINITY)];
    for (let visit = stack.at(-1); visit !== undefined; visit = stack.at(-1)) {
      const awaited = this.#lastFinished(visit);
      if (awaited !== undefined) {
        this.#tell(visit.span, 'run', awaited.end);
        stack.push(this.#enter(awaited.span, visit.from));
        continue;
      }
      stack.pop();
      this.#tell(visit.span, 'run', visit.from);
      const before = this.#pauseBefore(visit);
      if (before !== undefined) stack.push(this.#enter(before, visit.floor));
    }
  }

  #enter(span: FoldedSpan, floor: number): Visit {
    this.#visited.add(span);
    const start = windowOf(span)?.start ?? floor;
    if (start < floor) this.#reasons.add('clocks disagree');
    // One that was canceled before anybody started it has no start.
    if (span.form === 'point' && span.state !== 'canceled') this.#reasons.add('times are missing');
    if (span.state === 'interrupted') this.#reasons.add('lost work has no end');
    return { span, floor, from: Math.max(start, floor), rest: this.#candidates(span) };
  }

  #candidates(span: FoldedSpan): Candidate[] {
    if (span.form !== 'work') return [];
    const end = span.endTime ?? Number.POSITIVE_INFINITY;
    const candidates: Candidate[] = [];
    for (const child of workBelow(span)) {
      const window = windowOf(child);
      if (window === undefined) this.#note(child);
      if (window === undefined || window.start >= end) continue;
      const isCut = window.end > end;
      if (!isCut || !isHandedOver(child))
        candidates.push({ span: child, end: Math.min(window.end, end), isCut });
    }
    return candidates.sort((a, b) => compareNumbers(a.end, b.end) || compareSpans(b.span, a.span));
  }

  #lastFinished({ rest, from }: Visit): Candidate | undefined {
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      if (next.end > this.#cursor || this.#visited.has(next.span)) continue;
      if (next.end < from) return undefined;
      if (next.isCut) this.#reasons.add('work that ran past the end of its parent is cut there');
      return next;
    }
    return undefined;
  }

  /** @returns the attempt before, which the pause began with */
  #pauseBefore({ span, floor }: Visit): FoldedSpan | undefined {
    const before = span.work?.before(span);
    const ready = before === undefined ? sentAt(span) : windowOf(before)?.end;
    if (ready !== undefined) this.#tell(span, 'wait', Math.max(ready, floor));
    const began = before === undefined ? undefined : windowOf(before)?.start;
    if (before === undefined || began === undefined || this.#visited.has(before)) return undefined;
    return began < this.#cursor && this.#cursor > floor ? before : undefined;
  }

  /** Takes the time from `startTime` to the cursor. */
  #tell(span: FoldedSpan, kind: PathSegment['kind'], startTime: number): void {
    if (!(startTime < this.#cursor)) return;
    const later = this.#segments.at(-1);
    const isSame = later !== undefined && later.span === span && later.kind === kind;
    if (isSame) this.#segments.pop();
    const endTime = isSame ? later.endTime : this.#cursor;
    this.#segments.push({ span, kind, startTime, endTime, durationMs: endTime - startTime });
    this.#cursor = startTime;
  }
}

function sentAt(span: FoldedSpan): number | undefined {
  return queuedAt(span) ?? span.work?.sends[0]?.endTime;
}

function hasSeveralRoots({ roots, concerned }: FoldedTrace): boolean {
  const own = roots.filter(
    ({ form, origin, traceId }) =>
      form === 'work' && origin === undefined && concerned?.has(traceId) !== false,
  );
  return own.length > 1;
}
