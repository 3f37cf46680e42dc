import { asFields } from './event-data.ts';
import { compareTexts, instantOf } from './event-order.ts';
import type { FoldedSpan } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';

/**
 * What was odd about the events.
 *
 * - `orphan`: names a parent of which no event arrived. `cycle`: was its own ancestor, and lost its parent.
 * - `duplicate`: the same event arrived more than once. `undated`: a timestamp that cannot be read.
 * - `conflicting_terminal`, `conflicting_parent`: events of one span contradict each other.
 * - `skew`: ends before it starts, or starts before its parent; times are left as they are.
 * - `gap`: a writer had to drop events. `truncated`: data was cut to keep an event small.
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
}

/** By trace, span and kind. */
export function diagnose(trace: FoldedTrace): readonly TraceDiagnostic[] {
  const found: TraceDiagnostic[] = [
    ...(trace.unusable > 0 ? [{ kind: 'malformed' as const, count: trace.unusable }] : []),
    ...trace.cutOffs.map(({ traceId }) => ({ kind: 'cut_off' as const, traceId, count: 1 })),
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
  const note = (kind: DiagnosticKind, count: number): void => {
    if (count > 0) found.push(about(span, kind, count));
  };
  note('duplicate', span.duplicates);
  note('conflicting_parent', Number(span.parentsDiffer));
  note('conflicting_terminal', Number(span.endsDiffer));
  note('undated', span.events.filter((event) => instantOf(event) === Number.POSITIVE_INFINITY).length);
  note('skew', Number(isSkewed(span)));
  note('truncated', span.events.filter((event) => asFields(event.data)?.truncated === true).length);
  note('gap', span.events.filter((event) => event.event_type === 'throughline:gap').length);
  return found;
}

function isSkewed(span: FoldedSpan): boolean {
  const instants = span.events.map(instantOf).filter(Number.isFinite);
  if (instants.some((instant, i) => instant < (instants[i - 1] ?? instant))) return true;
  return (span.startTime ?? 0) < (span.parent?.startTime ?? Number.NEGATIVE_INFINITY);
}

function about({ traceId, spanId }: FoldedSpan, kind: DiagnosticKind, count: number): TraceDiagnostic {
  return { kind, traceId, spanId, count };
}
