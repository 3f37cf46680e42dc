import { type FoldedSpan, inOrder } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';
import { causeOf } from './link.ts';

/** A failure with no failure below it, and how far below its root it is. */
export interface DeepestFailure {
  readonly span: FoldedSpan;
  readonly depth: number;
}

/** The failures and the spans above them, and nothing else. */
export interface FailureForest {
  /** In tree order. */
  readonly deepest: readonly DeepestFailure[];
  /** Failures that have a deeper one, each with a failure below it. */
  readonly explained: ReadonlyMap<FoldedSpan, FoldedSpan>;
}

const nothing: ReadonlyMap<FoldedSpan, FoldedSpan> = new Map();

/**
 * Grows the part of the tree that leads to failures, across links, and reads off its leaves.
 *
 * Every walk up stops at the first span that an earlier walk passed, so the cost is the size of that part.
 */
export function growFailureForest(failures: readonly FoldedSpan[], trace: FoldedTrace): FailureForest {
  const [only] = failures;
  if (only === undefined) return { deepest: [], explained: nothing };
  if (failures.length === 1) return { deepest: [{ span: only, depth: 0 }], explained: nothing };
  const below = new Map<FoldedSpan, FoldedSpan[]>();
  const roots: FoldedSpan[] = [];
  for (const failure of failures) {
    if (!below.has(failure)) walkUp(failure, below, roots);
  }
  const places = placesInOrder(inOrder(roots), below);
  const failed = new Set(failures);
  const explained = explainedByTree(places, below, failed);
  const leaves = places.filter(({ span }) => below.get(span)?.length === 0);
  explainByWaiting(leaves, failed, explained, trace);
  return { deepest: leaves.filter(({ span }) => !explained.has(span)), explained };
}

function walkUp(failure: FoldedSpan, below: Map<FoldedSpan, FoldedSpan[]>, roots: FoldedSpan[]): void {
  below.set(failure, []);
  for (let span = failure; ; ) {
    const above = causeOf(span);
    const siblings = above && below.get(above);
    if (above === undefined) roots.push(span);
    siblings?.push(span);
    if (above === undefined || siblings !== undefined) return;
    below.set(above, [span]);
    span = above;
  }
}

/** Preorder, with a stack of its own. */
function placesInOrder(
  roots: readonly FoldedSpan[],
  below: ReadonlyMap<FoldedSpan, FoldedSpan[]>,
): DeepestFailure[] {
  const places: DeepestFailure[] = [];
  const stack = roots.map((span) => ({ span, depth: 0 })).reverse();
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    places.push(place);
    const children = inOrder(below.get(place.span) ?? []);
    for (let i = children.length - 1; i >= 0; i--)
      stack.push({ span: children[i] as FoldedSpan, depth: place.depth + 1 });
  }
  return places;
}

/** From the last place to the first, so that what is below is known before what is above. */
function explainedByTree(
  places: readonly DeepestFailure[],
  below: ReadonlyMap<FoldedSpan, FoldedSpan[]>,
  failures: ReadonlySet<FoldedSpan>,
): Map<FoldedSpan, FoldedSpan> {
  const leaves = new Map<FoldedSpan, FoldedSpan>();
  const explained = new Map<FoldedSpan, FoldedSpan>();
  for (let i = places.length - 1; i >= 0; i--) {
    const { span } = places[i] as DeepestFailure;
    const child = below.get(span)?.[0];
    const leaf = child === undefined ? span : (leaves.get(child) ?? child);
    leaves.set(span, leaf);
    if (leaf !== span && failures.has(span)) explained.set(span, leaf);
  }
  return explained;
}

/** What waits for work in another branch, as the parent of a flow does, fails with it. */
function explainByWaiting(
  leaves: readonly DeepestFailure[],
  failed: ReadonlySet<FoldedSpan>,
  explained: Map<FoldedSpan, FoldedSpan>,
  trace: FoldedTrace,
): void {
  for (const { span } of leaves) {
    for (const link of span.links) {
      const awaited = link.relation === 'waits_for' ? trace.find(link) : undefined;
      if (awaited === undefined || !failed.has(awaited) || leadsTo(awaited, span, explained)) continue;
      explained.set(span, explained.get(awaited) ?? awaited);
      break;
    }
  }
}

/** Whether `span` already explains `from`: two that wait for each other must not explain each other away. */
function leadsTo(
  from: FoldedSpan,
  span: FoldedSpan,
  explained: ReadonlyMap<FoldedSpan, FoldedSpan>,
): boolean {
  let next: FoldedSpan | undefined = from;
  for (let i = 0; i < 100 && next !== undefined && next !== span; i++) next = explained.get(next);
  return next !== undefined;
}
