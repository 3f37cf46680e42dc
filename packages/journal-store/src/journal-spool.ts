import { OptionInvalidError, StoreClosedError, StoreFullError } from '@throughline/core';
import type { EventSpool, SpooledBatch, TraceEvent } from '@throughline/core/events';
import { encodeEvents } from './encode-events.ts';
import { markJournalDirectory, prepareJournalDirectory } from './journal-directory.ts';
import { type JournalPlace, nameOf, readFailure, writeFailure } from './journal-failure.ts';
import { encodeJournalLines } from './journal-line.ts';
import {
  type JournalSpoolOptions,
  type ResolvedSpoolOptions,
  spoolOptions,
} from './journal-spool-options.ts';
import { restoreRemoved } from './remove-segment.ts';
import { newBoot, segmentNames } from './segment-name.ts';
import { SegmentWriter } from './segment-writer.ts';
import { type SpoolFile, SpoolFiles } from './spool-files.ts';
import { SpooledSegment } from './spooled-segment.ts';

/** What is in a spool. */
export interface JournalSpoolHealth {
  /** Files of all processes. */
  readonly segments: number;
  readonly bytes: number;
  /** Lines that could not be given back so far: damaged, or cut short by a crash. */
  readonly damagedLines: number;
}

const SIGN_OF_LIFE_MS = 30_000;

/**
 * Opens a spool: local files that keep events while their store is down.
 *
 * @returns rejects rather than throws
 * @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID`
 * @throws {JournalNotAJournalError} `THROUGHLINE_JOURNAL_NOT_A_JOURNAL`: the directory holds something else
 * @throws {JournalNotWritableError} `THROUGHLINE_JOURNAL_NOT_WRITABLE`
 * @throws {StoreFullError} `THROUGHLINE_STORE_FULL`: it cannot be created for want of room
 * @example
 * ```ts
 * import { EventWriter, type TraceStore } from '@throughline/core/events';
 * import { flushOnCrash, openJournalSpool } from '@throughline/journal-store';
 *
 * declare const store: TraceStore;
 * const spool = await openJournalSpool({ directory: '.throughline-spool' });
 * const writer = new EventWriter(store, { spool });
 * flushOnCrash(writer);
 * ```
 */
export async function openJournalSpool(options: JournalSpoolOptions): Promise<JournalSpool> {
  const { directory } = spoolOptions(options);
  await prepareJournalDirectory({ what: 'spool', directory });
  return new JournalSpool(options);
}

/** A spool that {@link openJournalSpool} opened. */
export class JournalSpool implements EventSpool {
  readonly #options: ResolvedSpoolOptions;
  readonly #place: JournalPlace;
  readonly #files: SpoolFiles;
  readonly #writer: SegmentWriter;
  readonly #signOfLife: NodeJS.Timeout;
  /** The segments that wait, by path. */
  readonly #waiting = new Map<string, SpooledSegment>();
  /** Damaged lines of segments that are gone. */
  #damagedBefore = 0;
  /** Bytes that are being written. */
  #underWay = 0;
  #isClosed = false;

  /** Call {@link openJournalSpool} instead: it makes sure that the directory is a spool. */
  constructor(options: JournalSpoolOptions) {
    this.#options = spoolOptions(options);
    const { directory, sync, segmentBytes, foreignAfterMs } = this.#options;
    const boot = newBoot();
    const nextName = segmentNames(boot);
    this.#place = { what: 'spool', directory };
    this.#files = new SpoolFiles({ directory, boot, nextName, foreignAfterMs });
    this.#writer = new SegmentWriter({
      directory,
      prepare: () => markJournalDirectory(this.#place),
      nextName,
      sync,
      segmentBytes,
      segmentAgeMs: Number.POSITIVE_INFINITY,
    });
    this.#signOfLife = setInterval(() => this.#giveSignOfLife(), SIGN_OF_LIFE_MS).unref();
  }

  /**
   * Keeps events.
   *
   * @throws {StoreFullError} `THROUGHLINE_STORE_FULL`: beyond `maxBytes`, or no room on the disk
   * @throws {StoreUnavailableError} `THROUGHLINE_STORE_UNAVAILABLE`
   */
  async append(events: readonly TraceEvent[]): Promise<void> {
    try {
      const lines = this.#admit(events);
      if (lines.length === 0) return;
      this.#underWay += lines.length;
      await this.#writer.append(lines).finally(() => {
        this.#underWay -= lines.length;
      });
    } catch (error) {
      throw writeFailure(error as NodeJS.ErrnoException, this.#place);
    }
  }

  /** The same before it returns, for the moment of a crash. It blocks. */
  appendSync(events: readonly TraceEvent[]): void {
    try {
      const lines = this.#admit(events);
      if (lines.length > 0) this.#writer.appendSync(lines);
    } catch (error) {
      throw writeFailure(error as NodeJS.ErrnoException, this.#place);
    }
  }

  /**
   * What waits: first the segments of this spool, then those of spools that were closed and of processes that have ended,
   * which are taken over. A segment is deleted when all its batches are done.
   */
  async *pending(): AsyncGenerator<SpooledBatch> {
    this.#check();
    await this.#writer.seal();
    try {
      await restoreRemoved(this.#place.directory);
      await this.#files.takeOver();
      for (const segment of this.#waitingSegments()) yield* segment.batches();
    } catch (error) {
      throw readFailure(error as NodeJS.ErrnoException, this.#place);
    }
  }

  health(): JournalSpoolHealth {
    const files = this.#files.all();
    let damagedLines = this.#damagedBefore;
    for (const { damaged } of this.#waiting.values()) damagedLines += damaged.size;
    return { segments: files.length, bytes: sizeOf(files), damagedLines };
  }

  /**
   * Ends the use of this spool. What is in it waits for the next one to open the directory, or to ask for what is pending
   * there; without this call it waits until this process has ended.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#signOfLife);
    await this.#writer.seal();
    await this.#files.handOver();
  }

  #check(): void {
    if (this.#isClosed) throw new StoreClosedError('JournalSpool');
  }

  /** The lines of events that there is room for. */
  #admit(given: readonly TraceEvent[]): Buffer {
    this.#check();
    const { events, rejected } = encodeEvents(given);
    const [bad] = rejected;
    if (bad !== undefined)
      throw new OptionInvalidError('JournalSpool.append', bad.event, `events; ${bad.reason}`);
    const lines = encodeJournalLines(events.map((event) => JSON.stringify(event)));
    const bytes = sizeOf(this.#files.all()) + this.#underWay + lines.length;
    if (bytes > this.#options.maxBytes) throw new StoreFullError(nameOf(this.#place));
    return lines;
  }

  /** What waits in files that nobody writes to. What was taken over comes last: it has the latest names. */
  #waitingSegments(): SpooledSegment[] {
    const paths = this.#files.own().map(({ path }) => path);
    this.#forgetAllBut(new Set(paths));
    return paths
      .filter((path) => !this.#writer.isGrowing(path))
      .map((path) => {
        const segment = this.#waiting.get(path) ?? new SpooledSegment(path, this.#options.batchEvents);
        this.#waiting.set(path, segment);
        return segment;
      });
  }

  #forgetAllBut(paths: ReadonlySet<string>): void {
    for (const [path, { damaged }] of this.#waiting) {
      if (paths.has(path)) continue;
      this.#damagedBefore += damaged.size;
      this.#waiting.delete(path);
    }
  }

  #giveSignOfLife(): void {
    try {
      this.#files.giveSignOfLife();
    } catch {
      // The directory is gone; the next append tells.
    }
  }
}

function sizeOf(files: readonly SpoolFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
