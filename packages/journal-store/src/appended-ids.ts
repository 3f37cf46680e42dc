/** More than an `EventWriter` holds by default. */
const GENERATION = 16_384;

/** One write of several events. */
export interface PendingWrite {
  isStored: boolean;
  /** Settles, always without an error, when the write does. */
  settled: Promise<unknown>;
}

/**
 * Which write brought each of the latest events, so that a repeated delivery is not written twice: at least 16,384 ids
 * are known, at most twice as many.
 *
 * A delivery is repeated soon or not at all; what is repeated later still is one event to every reader. An id leads to
 * what is shared by its whole batch, so that the end of a write is noted once and not for each event.
 */
export class AppendedIds {
  #recent = new Map<string, PendingWrite>();
  #older: ReadonlyMap<string, PendingWrite> = new Map();

  writeOf(id: string): PendingWrite | undefined {
    return this.#recent.get(id) ?? this.#older.get(id);
  }

  add(id: string, write: PendingWrite): void {
    this.#recent.set(id, write);
    if (this.#recent.size < GENERATION) return;
    this.#older = this.#recent;
    this.#recent = new Map();
  }

  /** Forgets ids whose write failed, unless they belong to another one by now. */
  forget(ids: readonly string[], write: PendingWrite): void {
    for (const generation of [this.#recent, this.#older as Map<string, PendingWrite>]) {
      for (const id of ids) if (generation.get(id) === write) generation.delete(id);
    }
  }
}
