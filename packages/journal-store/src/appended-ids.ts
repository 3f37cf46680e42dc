import { RecentIds } from './recent-ids.ts';

/**
 * The ids of events that this process has appended lately, so that a repeated delivery is not written twice.
 *
 * A delivery is repeated soon or not at all; what is repeated later still is one event to every reader.
 */
export class AppendedIds {
  readonly #appended = new RecentIds();
  /** Ids that are being written now. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  /** Whether any write is under way. */
  get isWriting(): boolean {
    return this.#underWay.size > 0;
  }

  has(id: string): boolean {
    return this.#appended.has(id);
  }

  /** Settles, always without an error, when the write of this id does. */
  writing(id: string): Promise<unknown> | undefined {
    return this.#underWay.get(id);
  }

  /** Remembers ids when their write succeeds. */
  async during(ids: readonly string[], written: Promise<void>): Promise<void> {
    const settled = written.catch(() => undefined);
    for (const id of ids) this.#underWay.set(id, settled);
    try {
      await written;
    } finally {
      for (const id of ids) this.#underWay.delete(id);
    }
    this.add(ids);
  }

  add(ids: readonly string[]): void {
    for (const id of ids) this.#appended.add(id);
  }
}
