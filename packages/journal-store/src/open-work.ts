import { entityOf, type TraceEvent, unfinishedAfter } from '@throughline/core/events';

/** A span, or the work of an entity, that was unfinished at a time: its key, in ms since the epoch, and `seq`. */
type Opening = readonly [key: string, at: number, seq: number];

/** Openings of one trace that are worth remembering. */
const MAX_OPENINGS = 32;

/**
 * What one segment knows to be unfinished of a trace; `null`: it cannot tell, or too much is.
 *
 * A trace is open only if some segment says so or cannot tell: the event that left it open is in one of them, and nothing
 * later that would have ended the same is there. What began here may have ended in another segment, so the events decide.
 */
export type OpenWork = Opening[] | null;

/** @returns `open` after one more event, in whatever order events come; `open` itself may be changed */
export function openWorkAfter(open: OpenWork, event: TraceEvent, at: number): OpenWork {
  if (open === null) return null;
  const unfinished = unfinishedAfter(event);
  const entity = entityOf(event);
  // Which work that is, an event in another segment may tell.
  if (unfinished.entity === true && entity === undefined) return null;
  const rank = { at: at || 0, seq: event.seq ?? 0 };
  note(open, `span ${event.span_id}`, rank, unfinished.span);
  if (entity !== undefined) {
    const { system, queue, id } = entity;
    note(open, JSON.stringify([system, queue, id]), rank, unfinished.entity);
  }
  return open.length <= MAX_OPENINGS ? open : null;
}

interface Rank {
  readonly at: number;
  readonly seq: number;
}

/** What has ended is forgotten: an older opening that comes later is one too many, and never one too few. */
function note(open: Opening[], key: string, { at, seq }: Rank, isUnfinished: boolean | undefined): void {
  if (isUnfinished === undefined) return;
  const index = open.findIndex(([known]) => known === key);
  const [, knownAt = at, knownSeq = seq] = open[index] ?? [];
  const isLater = knownAt === at ? seq > knownSeq : at > knownAt;
  if (index === -1) {
    if (isUnfinished) open.push([key, at, seq]);
  } else if (isLater) {
    if (isUnfinished) open[index] = [key, at, seq];
    else open.splice(index, 1);
  }
}
