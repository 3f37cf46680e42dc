import type { EventCopy } from './copy-trace-event.ts';
import { phaseOf } from './event-facts.ts';
import type { DraftTraceEvent } from './parse-trace-event.ts';
import type { TraceEventData } from './trace-event.ts';

/** How long an event survives when there is no room: the highest rank stays longest. */
const ranks: ReadonlyMap<string, number> = /* @__PURE__ */ new Map([
  ['progress', 0],
  ['completed', 2],
  ['canceled', 2],
  ['retrying', 2],
  ['suspended', 2],
  ['stalled', 3],
  ['failed', 3],
  ['gap', 3],
]);
const usualRank = 1;

function rankOf(event: DraftTraceEvent): number {
  return event.status === 'failed' ? 3 : (ranks.get(phaseOf(event)) ?? usualRank);
}

/** Replaces the copy in a buffered event by one with more data. */
export type Amend = (buffered: BufferedEvent, data: TraceEventData) => boolean;

/** An event on its way to the store. */
export class BufferedEvent {
  event: DraftTraceEvent;
  bytes: number;
  /** Position among all that the writer accepted, from 1. */
  readonly order: number;
  /** 0 goes first when there is no room, 3 last. */
  readonly rank: number;
  /** Set for good when it leaves the buffer: from then on others may hold it, and it must not change. */
  isTaken = false;
  /** How often it alone made `append` fail while the store took others. */
  loneFailures = 0;
  readonly #amend: Amend;

  constructor({ event, bytes }: EventCopy, order: number, amend: Amend) {
    this.event = event;
    this.bytes = bytes;
    this.order = order;
    this.rank = rankOf(event);
    this.#amend = amend;
  }

  amend(data: TraceEventData): boolean {
    return !this.isTaken && this.#amend(this, data);
  }
}
