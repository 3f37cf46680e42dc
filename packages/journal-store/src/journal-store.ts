import { hostname } from 'node:os';
import { StoreClosedError } from '@throughline/core';
import type {
  AppendResult,
  ReadOptions,
  StoreCapabilities,
  TraceEvent,
  TraceListPage,
  TraceListQuery,
  TraceStore,
} from '@throughline/core/events';
import { JournalAppender } from './journal-appender.ts';
import { markJournalDirectory, prepareJournalDirectory } from './journal-directory.ts';
import { type JournalPlace, readFailure, writeFailure } from './journal-failure.ts';
import { type JournalHealth, journalDamage, nothingDeleted } from './journal-health.ts';
import { type JournalStoreOptions, journalOptions } from './journal-options.ts';
import { JournalReader } from './journal-reader.ts';
import { RetentionPass } from './journal-retention.ts';
import { JournalTail } from './journal-tail.ts';
import { SegmentCatalog } from './segment-catalog.ts';
import { newBoot, segmentNames } from './segment-name.ts';
import { SegmentWriter } from './segment-writer.ts';

/**
 * Opens a journal: a trace store in local append-only files, shared by processes without locks.
 *
 * Each process appends to segments of its own, the first one created by its first append; readers read all segments.
 * Lines carry a checksum; what a crash cut short is left out and told by {@link JournalStore.health}.
 *
 * @returns rejects rather than throws
 * @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID`
 * @throws {JournalNotAJournalError} `THROUGHLINE_JOURNAL_NOT_A_JOURNAL`: the directory holds something else
 * @throws {JournalNotWritableError} `THROUGHLINE_JOURNAL_NOT_WRITABLE`: it cannot be created; one that exists can be read
 *   without the right to write
 * @throws {StoreFullError} `THROUGHLINE_STORE_FULL`: it cannot be created for want of room
 * @example
 * ```ts
 * import { EventWriter } from '@throughline/core/events';
 * import { openJournalStore } from '@throughline/journal-store';
 *
 * const store = await openJournalStore({
 *   directory: '.throughline',
 *   retention: { maxAgeMs: 7 * 24 * 60 * 60 * 1000, maxBytes: 2 ** 30 },
 * });
 * const writer = new EventWriter(store);
 * ```
 */
export async function openJournalStore(options: JournalStoreOptions): Promise<JournalStore> {
  const { directory } = journalOptions(options);
  await prepareJournalDirectory({ what: 'journal', directory });
  return new JournalStore(options);
}

/** A journal that {@link openJournalStore} opened. */
export class JournalStore implements TraceStore {
  readonly capabilities: StoreCapabilities = {};
  /** `host:pid:boot`: one clock, one process, one life of it. */
  readonly source: string;
  readonly #place: JournalPlace;
  readonly #writer: SegmentWriter;
  readonly #appender: JournalAppender;
  readonly #catalog: SegmentCatalog;
  readonly #reader: JournalReader;
  readonly #retention: RetentionPass | undefined;
  readonly #tails = new Set<JournalTail>();
  #isClosed = false;

  /** Call {@link openJournalStore} instead: it makes sure that the directory is a journal. */
  constructor(options: JournalStoreOptions) {
    const { directory, sync, segmentBytes, retention } = journalOptions(options);
    const { maxAgeMs = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = retention;
    const boot = newBoot();
    const hasLimit = maxAgeMs < Number.POSITIVE_INFINITY || maxBytes < Number.POSITIVE_INFINITY;
    this.source = `${hostname()}:${process.pid}:${boot}`;
    this.#place = { what: 'journal', directory };
    this.#catalog = new SegmentCatalog(directory);
    this.#reader = new JournalReader(this.#catalog);
    this.#retention = hasLimit
      ? new RetentionPass(directory, this.#catalog, { maxAgeMs, maxBytes })
      : undefined;
    this.#writer = new SegmentWriter({
      directory,
      prepare: () => markJournalDirectory(this.#place),
      nextName: segmentNames(boot),
      sync,
      // What is written to is not deleted: it must not be most of what may be there.
      segmentBytes: Math.min(segmentBytes, maxBytes / 4),
      // What is kept a day is deleted at the latest six hours after it could be.
      segmentAgeMs: maxAgeMs / 4,
      begun: () => this.#retention?.run(),
    });
    this.#appender = new JournalAppender(this.#writer);
    this.#retention?.run();
  }

  async append(events: readonly TraceEvent[]): Promise<AppendResult> {
    this.#check();
    this.#retention?.runIfDue();
    try {
      return await this.#appender.append(events);
    } catch (error) {
      throw writeFailure(error as NodeJS.ErrnoException, this.#place);
    }
  }

  /** Appends before it returns, for the moment of a crash; see `flushOnCrash`. It blocks. */
  appendSync(events: readonly TraceEvent[]): AppendResult {
    this.#check();
    try {
      return this.#appender.appendSync(events);
    } catch (error) {
      throw writeFailure(error as NodeJS.ErrnoException, this.#place);
    }
  }

  getTrace(traceId: string, options?: ReadOptions): Promise<TraceEvent[]> {
    return this.#read(() => this.#reader.getTrace(traceId, options), options);
  }

  /** Newest first. The events of the page are read, those of other traces are not: indexes tell about them. */
  listTraces(query: TraceListQuery = {}): Promise<TraceListPage> {
    return this.#read(() => this.#reader.listTraces(query));
  }

  /**
   * Follows what all processes append. Each event is judged by its trace as that stood when it was stored. A reader that
   * does not keep up misses nothing and costs no memory, unless retention deletes what it has not read.
   *
   * @throws {StoreUnavailableError} `THROUGHLINE_STORE_UNAVAILABLE`; once it follows, `next` rejects with it
   */
  tail(query: TraceListQuery = {}, { signal }: ReadOptions = {}): AsyncIterable<TraceEvent> {
    this.#check();
    const tail = this.#newTail(query, signal);
    if (!signal?.aborted) this.#tails.add(tail);
    return tail;
  }

  /** What could not be used of the journal, as far as this store has read it, and what became of it. */
  health(): JournalHealth {
    const segments = this.#catalog.known();
    return {
      ...journalDamage(segments),
      segments: segments.length,
      deleted: this.#retention?.deleted ?? nothingDeleted,
      failedSyncs: this.#writer.failedSyncs,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writer.seal();
    for (const tail of this.#tails) tail.end();
    await this.#retention?.idle();
  }

  #check(): void {
    if (this.#isClosed) throw new StoreClosedError('JournalStore');
  }

  #newTail(query: TraceListQuery, signal: ReadOptions['signal']): JournalTail {
    const failure = (error: NodeJS.ErrnoException): Error => readFailure(error, this.#place);
    try {
      return new JournalTail({
        directory: this.#place.directory,
        query,
        signal,
        getTrace: (traceId, before) => this.#reader.getTraceBefore(traceId, before),
        ended: (ended) => this.#tails.delete(ended),
        failure,
      });
    } catch (error) {
      throw failure(error as NodeJS.ErrnoException);
    }
  }

  async #read<T>(reading: () => Promise<T>, { signal }: ReadOptions = {}): Promise<T> {
    this.#check();
    try {
      return await reading();
    } catch (error) {
      throw signal?.aborted ? signal.reason : readFailure(error as NodeJS.ErrnoException, this.#place);
    }
  }
}
