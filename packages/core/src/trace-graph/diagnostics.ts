import type { TraceEvent } from '../events/trace-event.ts';
import { asFields, asNumber } from './event-data.ts';
import { compareTexts, instantOf } from './event-order.ts';
import type { FoldedSpan } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';
import { durationText } from './label.ts';

/**
 * What was odd about the events.
 *
 * - `orphan`: names a parent of which no event arrived. `cycle`: was its own ancestor, and lost its parent.
 * - `duplicate`: the same event arrived more than once. `undated`: a timestamp that cannot be read.
 * - `conflicting_terminal`, `conflicting_parent`: events of one span contradict each other.
 * - `skew`: ends before it starts, or starts before its parent; times are left as they are.
 * - `gap`: a writer had to drop events, `count` of them. `truncated`: data was cut to keep an event small.
 * - `cut_off`: not everything was read. `malformed`: entries without ids or type, which are no events.
 */
export type DiagnosticKind =
  | 'orphan'
  | 'cycle'
  | 'duplicate'
  | 'undated'
  | 'conflicting_terminal'
  | 'conflicting_parent'
  | 'skew'
  | 'gap'
  | 'truncated'
  | 'cut_off'
  | 'malformed';

/** One oddity, for one span where there is one. */
export interface TraceDiagnostic {
  readonly kind: DiagnosticKind;
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  /** How many events, or spans, it is about. */
  readonly count: number;
  /** More about it, where there is more: `max_traces`, `starts 80 ms before its parent`. */
  readonly detail?: string | undefined;
}

/** By trace, span and kind. */
export function diagnose(trace: FoldedTrace): readonly TraceDiagnostic[] {
  const found: TraceDiagnostic[] = [
    ...(trace.unusable > 0 ? [{ kind: 'malformed' as const, count: trace.unusable }] : []),
    ...trace.cutOffs.map(({ traceId, reason }) => ({
      kind: 'cut_off' as const,
      traceId,
      count: 1,
      detail: reason,
    })),
    ...trace.roots
      .filter(({ form }) => form === 'missing')
      .map((span) => about(span, 'orphan', span.children.length)),
    ...trace.forest.cut.map((row) => about(trace.table.span(row), 'cycle', 1)),
    ...trace.spans.flatMap(oddities),
  ];
  return found.sort(
    (a, b) =>
      compareTexts(a.traceId, b.traceId) || compareTexts(a.spanId, b.spanId) || compareTexts(a.kind, b.kind),
  );
}

function oddities(span: FoldedSpan): TraceDiagnostic[] {
  const found: TraceDiagnostic[] = [];
  const note = (kind: DiagnosticKind, count: number, detail?: string): void => {
    if (count > 0) found.push({ ...about(span, kind, count), ...(detail === undefined ? {} : { detail }) });
  };
  const skew = skewOf(span);
  note('duplicate', span.duplicates);
  note('conflicting_parent', Number(span.parentsDiffer));
  note('conflicting_terminal', Number(span.endsDiffer));
  note('undated', span.events.filter((event) => instantOf(event) === Number.POSITIVE_INFINITY).length);
  note('skew', Number(skew !== undefined), skew);
  note('truncated', span.events.filter((event) => asFields(event.data)?.truncated === true).length);
  note(
    'gap',
    span.events.reduce((sum, event) => sum + droppedBy(event), 0),
  );
  return found;
}

/** A gap without a number is at least one event. */
function droppedBy({ event_type, data }: TraceEvent): number {
  return event_type === 'throughline:gap' ? Math.max(1, asNumber(data?.dropped) ?? 1) : 0;
}

function skewOf(span: FoldedSpan): string | undefined {
  const instants = span.events.map(instantOf).filter(Number.isFinite);
  const backwards = instants.findIndex((instant, i) => instant < (instants[i - 1] ?? instant));
  const earlier = (instants[backwards - 1] ?? 0) - (instants[backwards] ?? 0);
  if (backwards > 0) return `goes back by ${durationText(earlier)}`;
  const { parent, origin } = span;
  // Within a trace a link says nothing about time.
  const cause = origin !== undefined && origin.traceId !== span.traceId ? origin : parent;
  const early = (cause?.startTime ?? Number.NEGATIVE_INFINITY) - (span.startTime ?? 0);
  if (!(early > 0)) return undefined;
  return `starts ${durationText(early)} before ${cause === parent ? 'its parent' : 'what it came from'}`;
}

function about({ traceId, spanId }: FoldedSpan, kind: DiagnosticKind, count: number): TraceDiagnostic {
  return { kind, traceId, spanId, count };
}
