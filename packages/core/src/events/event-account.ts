import type { WriterStats } from '../telemetry/telemetry.ts';

/** Why an event was given up: no room for it, or emitted after `close`. */
export type DropReason = 'buffer_full' | 'closed';

/** Counts what became of every event. Each change keeps the account balanced. */
export class EventAccount {
  accepted = 0;
  stored = 0;
  duplicates = 0;
  rejected = 0;
  readonly #dropped: Record<string, number> = {};
  #droppedInAll = 0;

  /** Events that were accepted and will never be stored. */
  get lost(): number {
    return this.rejected + this.#droppedInAll;
  }

  drop(reason: DropReason): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
    this.#droppedInAll++;
  }

  snapshot(buffered: number): WriterStats {
    const { accepted, stored, duplicates, rejected } = this;
    return { accepted, stored, duplicates, spooled: 0, dropped: { ...this.#dropped }, rejected, buffered };
  }
}
