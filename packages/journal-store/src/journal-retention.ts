import { type DeletedSegments, nothingDeleted } from './journal-health.ts';
import type { JournalSegment } from './journal-segment.ts';
import { removeSegment, restoreRemoved } from './remove-segment.ts';
import type { SegmentCatalog } from './segment-catalog.ts';

/** How long traces are kept. Whole segments are deleted, oldest first; a segment that is written to never is. */
export interface JournalRetention {
  /** A segment goes when it was last written so long ago, in ms. @default for ever */
  readonly maxAgeMs?: number | undefined;
  /** The oldest segments go while all of them together are larger, in bytes. @default without a bound */
  readonly maxBytes?: number | undefined;
}

const INTERVAL_MS = 60_000;

/** Deletes the segments of a journal that are to be kept no longer. */
export class RetentionPass {
  readonly #directory: string;
  readonly #catalog: SegmentCatalog;
  readonly #maxAgeMs: number;
  readonly #maxBytes: number;
  #deleted: DeletedSegments = nothingDeleted;
  #underWay: Promise<void> | undefined;
  #isAsked = false;
  #nextAt = 0;

  constructor(directory: string, catalog: SegmentCatalog, retention: JournalRetention) {
    this.#directory = directory;
    this.#catalog = catalog;
    this.#maxAgeMs = retention.maxAgeMs ?? Number.POSITIVE_INFINITY;
    this.#maxBytes = retention.maxBytes ?? Number.POSITIVE_INFINITY;
  }

  get deleted(): DeletedSegments {
    return this.#deleted;
  }

  /** Starts a pass unless there was one within the last minute. */
  runIfDue(): void {
    if (Date.now() >= this.#nextAt) this.run();
  }

  /** Starts a pass, or has the one that is under way begin again when it is done. */
  run(): void {
    this.#nextAt = Date.now() + INTERVAL_MS;
    this.#isAsked = true;
    this.#underWay ??= this.#passes().finally(() => {
      this.#underWay = undefined;
    });
  }

  /** Waits for a pass that is under way. */
  async idle(): Promise<void> {
    await this.#underWay;
  }

  async #passes(): Promise<void> {
    while (this.#isAsked) {
      this.#isAsked = false;
      // What cannot be deleted now is tried again by a later pass.
      await this.#pass().catch(() => {
        this.#deleted = { ...this.#deleted, failedPasses: this.#deleted.failedPasses + 1 };
      });
    }
  }

  async #pass(): Promise<void> {
    await restoreRemoved(this.#directory);
    const found = this.#catalog.current().flatMap((segment) => {
      const view = segment.inspect();
      return view === undefined ? [] : { segment, ...view };
    });
    found.sort((a, b) => a.mtimeMs - b.mtimeMs);
    let bytes = found.reduce((sum, { size }) => sum + size, 0);
    const keptSince = Date.now() - this.#maxAgeMs;
    for (const { segment, size, mtimeMs, isEnded } of found) {
      if (mtimeMs >= keptSince && bytes <= this.#maxBytes) return;
      if (isEnded && (await this.#delete(segment, size))) bytes -= size;
    }
  }

  async #delete({ path }: JournalSegment, size: number): Promise<boolean> {
    const isDeleted = await removeSegment(path, size);
    const { segments, bytes, failedPasses } = this.#deleted;
    if (isDeleted) this.#deleted = { segments: segments + 1, bytes: bytes + size, failedPasses };
    return isDeleted;
  }
}
