import { comparisonText } from './comparison-text.ts';
import type { DurationChange, SpanPair, TraceComparison, TraceDivergence } from './trace-comparison.ts';
import type { TraceSpan } from './trace-span.ts';

/*
 * Two traces of the same kind of work, side by side. Spans are aligned by the path that leads to them: at each level by
 * what they are (subject, queue and name of the work, sent or done), and among several of the same by their order.
 * Ids and clocks play no part.
 *
 *   before            after
 *   loan              loan
 *   ├ validate   ───  ├ validate
 *   ├ credit     ───  ├ credit
 *   │ ├ attempt  ───  │ └ attempt      status: retrying → completed
 *   │ └ attempt       │                removed
 *   └ funding    ───  └ funding        duration: 18 ms → 95 ms
 */

/** O(n): every span is looked at once, and nothing recurses. */
export function compareTraces(before: readonly TraceSpan[], after: readonly TraceSpan[]): TraceComparison {
  const divergences: TraceDivergence[] = [];
  const durationChanged: DurationChange[] = [];
  for (const place of placesFromInside(before, after)) {
    const divergence = divergenceAt(place);
    if (divergence !== undefined) divergences.push(divergence);
    const deltaMs = slowdownAt(place);
    if (deltaMs !== 0) durationChanged.push({ ...(place as SpanPair), deltaMs });
  }
  durationChanged.sort((a, b) => Math.abs(b.deltaMs) - Math.abs(a.deltaMs));
  const comparison = {
    firstDivergence: divergences[0],
    added: divergences.flatMap(({ kind, after }) => (kind === 'added' ? after : [])),
    removed: divergences.flatMap(({ kind, before }) => (kind === 'removed' ? before : [])),
    statusChanged: divergences.flatMap((one) => (one.kind === 'status' ? pairOf(one) : [])),
    durationChanged,
  };
  return { ...comparison, toText: () => comparisonText(comparison) };
}

/** A span of one trace, and the span at the same place in the other, where there is one. */
interface Place {
  readonly before: TraceSpan | undefined;
  readonly after: TraceSpan | undefined;
}

/** In tree order, each place after all places inside it; with a stack of its own. */
function* placesFromInside(before: readonly TraceSpan[], after: readonly TraceSpan[]): Iterable<Place> {
  const stack: { readonly place: Place; isOpened: boolean }[] = [];
  const enter = (places: readonly Place[]): void => {
    for (let i = places.length - 1; i >= 0; i--) stack.push({ place: places[i] as Place, isOpened: false });
  };
  enter(align(before, after));
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const { place } = top;
    if (top.isOpened || place.before === undefined || place.after === undefined) {
      stack.pop();
      yield place;
    } else {
      top.isOpened = true;
      enter(align(place.before.children, place.after.children));
    }
  }
}

/** The first of a kind goes with the first of that kind. What stands alone keeps its place among the others. */
function align(before: readonly TraceSpan[], after: readonly TraceSpan[]): readonly Place[] {
  const partners = partnersOf(before, after);
  const taken = new Set(partners);
  const places: Place[] = [];
  let next = 0;
  const addAlone = (end: number): void => {
    for (; next < end; next++) if (!taken.has(next)) places.push({ before: undefined, after: after[next] });
  };
  for (const [i, span] of before.entries()) {
    const partner = partners[i] ?? none;
    addAlone(partner);
    places.push({ before: span, after: after[partner] });
  }
  addAlone(after.length);
  return places;
}

const none = -1;

/** For each span of `before` the position of its partner in `after`. */
function partnersOf(before: readonly TraceSpan[], after: readonly TraceSpan[]): readonly number[] {
  const waiting = new Map<string, number[]>();
  for (let i = after.length - 1; i >= 0; i--) {
    const kind = kindOf(after[i] as TraceSpan);
    const same = waiting.get(kind);
    if (same === undefined) waiting.set(kind, [i]);
    else same.push(i);
  }
  return before.map((span) => waiting.get(kindOf(span))?.pop() ?? none);
}

function kindOf({ subject, entity, form }: TraceSpan): string {
  const role = form === 'send' || form === 'missing' ? form : 'work';
  return `${role}\n${subject}\n${entity?.queue ?? ''}\n${entity?.name ?? ''}`;
}

function divergenceAt({ before, after }: Place): TraceDivergence | undefined {
  if (before === undefined)
    return after === undefined ? undefined : { kind: 'added', before: undefined, after };
  if (after === undefined) return { kind: 'removed', before, after: undefined };
  const isSame = before.state === after.state && before.error?.type === after.error?.type;
  return isSame ? undefined : { kind: 'status', before, after };
}

function slowdownAt({ before, after }: Place): number {
  if (before?.form !== 'work' || after?.form !== 'work') return 0;
  return after.durationMs === undefined || before.durationMs === undefined
    ? 0
    : after.durationMs - before.durationMs;
}

function pairOf({ before, after }: SpanPair): SpanPair {
  return { before, after };
}
