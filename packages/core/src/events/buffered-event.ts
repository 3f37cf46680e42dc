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
const highestRank = 3;

/** The rank of events of a type that have not failed. */
export function rankOfType(type: string): number {
  return ranks.get(type.slice(type.lastIndexOf(':') + 1)) ?? usualRank;
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

  constructor(event: DraftTraceEvent, bytes: number, order: number, rank: number, amend: Amend) {
    this.event = event;
    this.bytes = bytes;
    this.order = order;
    this.rank = event.status === 'failed' ? highestRank : rank;
    this.#amend = amend;
  }

  amend(data: TraceEventData): boolean {
    return !this.isTaken && this.#amend(this, data);
  }
}
