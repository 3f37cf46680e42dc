import { type FoldedSpan, inOrder } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';
import { causeOf } from './link.ts';

/** A failure with no failure below it that can have led to it, and how far below its root it is. */
export interface DeepestFailure {
  readonly span: FoldedSpan;
  readonly depth: number;
  /** What it ran in had failed before it, as after a timeout. */
  readonly isLate: boolean;
  /** Something below it failed, and only after it. */
  readonly hasLaterBelow: boolean;
}

/** The failures and the spans above them, and nothing else. */
export interface FailureForest {
  /** In tree order. */
  readonly deepest: readonly DeepestFailure[];
  /** Failures that a deeper one led to, with that one. */
  readonly explained: ReadonlyMap<FoldedSpan, FoldedSpan>;
}

const nothing: ReadonlyMap<FoldedSpan, FoldedSpan> = new Map();

/**
 * Grows the part of the tree that leads to failures, across links, and reads off its leaves.
 *
 * Every walk up stops at the first span that an earlier walk passed, so the cost is the size of that part.
 */
export function growFailureForest(failures: readonly FoldedSpan[], trace: FoldedTrace): FailureForest {
  if (failures.length < 2) return { deepest: failures.map(alone), explained: nothing };
  const below = new Map<FoldedSpan, FoldedSpan[]>();
  const roots: FoldedSpan[] = [];
  for (const failure of failures) {
    if (!below.has(failure)) walkUp(failure, below, roots);
  }
  const failed = new Set(failures);
  const places = placesInOrder(inOrder(roots), below, failed);
  const explained = explainedByTree(places, below, failed);
  const leaves = places.filter(({ span }) => failed.has(span) && !explained.has(span));
  explainByWaiting(leaves, failures, explained, trace);
  return { deepest: leaves.filter(({ span }) => !explained.has(span)), explained };
}

function alone(span: FoldedSpan): DeepestFailure {
  return { span, depth: 0, isLate: false, hasLaterBelow: false };
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
  failed: ReadonlySet<FoldedSpan>,
): DeepestFailure[] {
  const places: Place[] = [];
  const stack: Place[] = roots.map((span) => placeOf(span, undefined, below)).reverse();
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    places.push(place);
    const children = inOrder(below.get(place.span) ?? []);
    const around = failed.has(place.span) ? { ...place, failure: place.span } : place;
    for (let i = children.length - 1; i >= 0; i--)
      stack.push(placeOf(children[i] as FoldedSpan, around, below));
  }
  return places;
}

interface Place extends DeepestFailure {
  /** The nearest failure around it. */
  readonly failure: FoldedSpan | undefined;
}

function placeOf(
  span: FoldedSpan,
  around: Place | undefined,
  below: ReadonlyMap<FoldedSpan, FoldedSpan[]>,
): Place {
  return {
    span,
    depth: around === undefined ? 0 : around.depth + 1,
    isLate: failedAfter(span, around?.failure),
    hasLaterBelow: (below.get(span)?.length ?? 0) > 0,
    failure: around?.failure,
  };
}

/** What failed later cannot have led to a failure. Only clocks of one source are compared. */
function failedAfter(span: FoldedSpan, failure: FoldedSpan | undefined): boolean {
  if (failure === undefined || span.event?.source !== failure.event?.source) return false;
  return (span.endTime ?? Number.NEGATIVE_INFINITY) > (failure.endTime ?? Number.POSITIVE_INFINITY);
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
    const leavesBelow = (below.get(span) ?? []).map((child) => leaves.get(child) ?? child);
    const isFailed = failures.has(span);
    const cause = isFailed ? leavesBelow.find((leaf) => !failedAfter(leaf, span)) : leavesBelow[0];
    leaves.set(span, cause ?? span);
    if (cause !== undefined && isFailed) explained.set(span, cause);
  }
  return explained;
}

/**
 * What waits for work in another branch, as the parent of a flow does, fails with it. It waits as it says itself, or as
 * the send says that it came from; many may come from one send, so what a span waits for is looked up once.
 */
function explainByWaiting(
  leaves: readonly DeepestFailure[],
  failures: readonly FoldedSpan[],
  explained: Map<FoldedSpan, FoldedSpan>,
  trace: FoldedTrace,
): void {
  const failureOf = failuresBySpan(failures);
  const found = new Map<FoldedSpan, FoldedSpan | undefined>();
  const awaitedBy = (span: FoldedSpan): FoldedSpan | undefined => {
    if (!found.has(span)) found.set(span, awaitedFailure(span, failureOf, trace));
    return found.get(span);
  };
  for (const { span } of leaves) {
    const awaited = awaitedBy(span) ?? awaitedBy(sendOf(span) ?? span);
    if (awaited !== undefined && !leadsTo(awaited, span, explained))
      explained.set(span, explained.get(awaited) ?? awaited);
  }
}

/** The failures, also by the sends they came from: work that was sent fails for its send. */
function failuresBySpan(failures: readonly FoldedSpan[]): Map<FoldedSpan, FoldedSpan> {
  const failureOf = new Map(failures.map((failure) => [failure, failure]));
  for (const failure of failures) {
    const send = sendOf(failure);
    if (send && !failureOf.has(send)) failureOf.set(send, failure);
  }
  return failureOf;
}

function sendOf(span: FoldedSpan): FoldedSpan | undefined {
  const cause = causeOf(span);
  return cause?.form === 'send' ? cause : undefined;
}

function awaitedFailure(
  { links }: FoldedSpan,
  failureOf: ReadonlyMap<FoldedSpan | undefined, FoldedSpan>,
  trace: FoldedTrace,
): FoldedSpan | undefined {
  for (const link of links) {
    const failure = link.relation === 'waits_for' && failureOf.get(trace.find(link));
    if (failure) return failure;
  }
  return undefined;
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
