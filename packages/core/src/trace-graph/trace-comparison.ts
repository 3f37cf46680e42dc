import type { TraceSpan } from './trace-span.ts';

/** The same place in both traces. */
export interface SpanPair {
  readonly before: TraceSpan;
  readonly after: TraceSpan;
}

/** How much longer a span took; negative when it was faster. */
export interface DurationChange extends SpanPair {
  readonly deltaMs: number;
}

/** One difference in what happened: a span only one trace has, or one that ended differently. */
export type TraceDivergence =
  | { readonly kind: 'added'; readonly before: undefined; readonly after: TraceSpan }
  | { readonly kind: 'removed'; readonly before: TraceSpan; readonly after: undefined }
  | { readonly kind: 'status'; readonly before: TraceSpan; readonly after: TraceSpan };

/** What is different in another trace of the same kind. Everything is empty when nothing is. */
export interface TraceComparison {
  /**
   * Where the two went apart: the first difference in tree order, and what happened inside a span before the end of the
   * span. Durations do not count: they always differ.
   */
  readonly firstDivergence: TraceDivergence | undefined;
  /** Spans that only the other trace has, without those below them, which are new as well. */
  readonly added: readonly TraceSpan[];
  /** Spans that only this trace has, without those below them. */
  readonly removed: readonly TraceSpan[];
  /** Spans that ended in another state, or failed with another type of error. */
  readonly statusChanged: readonly SpanPair[];
  /** Work that ended in both and took another time, the largest change first. */
  readonly durationChanged: readonly DurationChange[];
  /** A few lines for a person, without control or bidi characters. */
  toText(): string;
}
