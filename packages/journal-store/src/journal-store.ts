import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import {
  OptionInvalidError,
  StoreClosedError,
  StoreFullError,
  StoreUnavailableError,
  StoreUnsupportedError,
} from '@throughline/core';
import {
  type AppendResult,
  encodeTraceEvent,
  matchesTraceQuery,
  pageOfTraces,
  parseTraceEvent,
  type ReadOptions,
  type StoreCapabilities,
  summarizeTrace,
  type TraceEvent,
  type TraceListPage,
  type TraceListQuery,
  type TraceStore,
} from '@throughline/core/events';
import { listSegments, prepareJournalDirectory, segmentPath } from './journal-directory.ts';
import { formatJournalLine } from './journal-line.ts';
import { scanSegment } from './segment-reader.ts';
import { type JournalSync, SegmentWriter } from './segment-writer.ts';

const REMEMBERED_IDS = 65_536;
/** So many trace ids are looked for in a line before it is parsed. */
const FEW_TRACES = 8;
/** The disk, the user's share of it, or the size that a file of this process may have. */
const noRoom: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Where a journal is and when an append counts as durable. */
export interface JournalStoreOptions {
  /** Created with mode 0700 when it does not exist. Any number of processes may share it. */
  readonly directory: string;
  /**
   * `'batch'`: `append` resolves after fdatasync, and survives a power loss. `'none'`: once the kernel has it, which
   * survives the end of the process.
   *
   * @default 'batch'
   */
  readonly sync?: JournalSync | undefined;
}

/** What readers of this store could not use so far. */
export interface JournalHealth {
  /** Lines whose checksum did not match, or that hold no event; counted at every read. */
  readonly damagedLines: number;
  /** Bytes after the last whole line of a segment at the latest read of it: a write under way, or one cut short. */
  readonly tornBytes: number;
}

/**
 * Opens a journal: a trace store in local append-only files, shared by processes without locks.
 *
 * Each process appends to a segment of its own, created by its first append; readers read all segments. Lines carry a
 * checksum; what a crash cut short is left out and told by {@link JournalStore.health}.
 *
 * @returns rejects rather than throws
 * @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID`
 * @throws {JournalNotAJournalError} `THROUGHLINE_JOURNAL_NOT_A_JOURNAL`: the directory holds something else
 * @throws {JournalNotWritableError} `THROUGHLINE_JOURNAL_NOT_WRITABLE`
 * @example
 * ```ts
 * import { EventWriter } from '@throughline/core/events';
 * import { openJournalStore } from '@throughline/journal-store';
 *
 * const store = await openJournalStore({ directory: '.throughline' });
 * const writer = new EventWriter(store);
 * ```
 */
export async function openJournalStore(options: JournalStoreOptions): Promise<JournalStore> {
  const { directory, sync = 'batch' } = options ?? {};
  if (typeof directory !== 'string' || directory === '')
    throw new OptionInvalidError('openJournalStore.directory', directory, 'the path of a directory');
  if (sync !== 'batch' && sync !== 'none')
    throw new OptionInvalidError('openJournalStore.sync', sync, "'batch' or 'none'");
  await prepareJournalDirectory(directory);
  return new JournalStore(directory, sync);
}

/** A journal that {@link openJournalStore} opened. */
export class JournalStore implements TraceStore {
  readonly capabilities: StoreCapabilities = { tail: false };
  /** `host:pid:boot`: one clock, one process, one life of it. */
  readonly source: string;
  readonly #directory: string;
  readonly #segment: SegmentWriter;
  /** The latest ids this process has appended, so that a repeated delivery is not written twice. */
  readonly #appended = new Set<string>();
  /** Ids that are being written now. */
  readonly #underWay = new Map<string, Promise<unknown>>();
  readonly #tornBytes = new Map<string, number>();
  #damagedLines = 0;
  #isClosed = false;

  /** Call {@link openJournalStore} instead: it makes sure that the directory is a journal. */
  constructor(directory: string, sync: JournalSync) {
    const boot = randomBytes(4).toString('hex');
    this.source = `${hostname()}:${process.pid}:${boot}`;
    this.#directory = directory;
    this.#segment = new SegmentWriter(segmentPath(directory, new Date(), boot), sync);
  }

  async append(events: readonly TraceEvent[]): Promise<AppendResult> {
    this.#check();
    const batch = this.#prepare(events);
    if (batch instanceof Promise) {
      await batch;
      return this.append(events);
    }
    if (batch.lines !== '') await this.#write(batch);
    return {
      stored: batch.ids.length,
      duplicates: events.length - batch.ids.length - batch.rejected.length,
      rejected: batch.rejected,
    };
  }

  async getTrace(traceId: string, { signal }: ReadOptions = {}): Promise<TraceEvent[]> {
    const events = new Map<string, TraceEvent>();
    const keep = (event: TraceEvent): void => {
      if (event.trace_id === traceId) keepFirst(events, event);
    };
    await this.#read(containing([traceId]), keep, signal);
    return [...events.values()];
  }

  /** Reads the whole journal: the time it takes grows with its size, the memory with what may match. */
  async listTraces(query: TraceListQuery = {}): Promise<TraceListPage> {
    const candidates = await this.#candidates(query);
    const traces = new Map<string, Map<string, TraceEvent>>();
    const isFew = candidates !== undefined && candidates.size <= FEW_TRACES;
    await this.#read(isFew ? containing([...candidates]) : anyLine, (event) => {
      if (candidates?.has(event.trace_id) === false) return;
      const events = traces.get(event.trace_id) ?? new Map<string, TraceEvent>();
      traces.set(event.trace_id, events);
      keepFirst(events, event);
    });
    const found = [];
    for (const [traceId, byId] of traces) {
      const events = [...byId.values()];
      const summary = summarizeTrace(traceId, events);
      if (matchesTraceQuery(summary, events, query)) found.push(summary);
    }
    return pageOfTraces(found, query);
  }

  /** Traces with a line that has a word of the query; their events decide. `undefined` when the query has no word. */
  async #candidates(query: TraceListQuery): Promise<ReadonlySet<string> | undefined> {
    const { entityId, linkedTo, tag, eventType, queue } = query;
    const word = [entityId, linkedTo, tag, eventType, queue].find((each) => each !== undefined);
    if (word === undefined) return undefined;
    const traceIds = new Set<string>();
    await this.#read(containing([word]), ({ trace_id }) => traceIds.add(trace_id));
    return traceIds;
  }

  tail(): AsyncIterable<TraceEvent> {
    throw new StoreUnsupportedError('JournalStore', 'tail');
  }

  /** What could not be used of the journal, as far as this store has read it. */
  health(): JournalHealth {
    let tornBytes = 0;
    for (const bytes of this.#tornBytes.values()) tornBytes += bytes;
    return { damagedLines: this.#damagedLines, tornBytes };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#segment.close();
  }

  #check(): void {
    if (this.#isClosed) throw new StoreClosedError('JournalStore');
  }

  /** @returns a promise when one of the events is being written: only its end tells whether that one is a duplicate */
  #prepare(events: readonly TraceEvent[]): Batch | Promise<unknown> {
    const batch: Batch = { lines: '', ids: [], rejected: [] };
    const ids = new Set<string>();
    for (const given of events) {
      const { event, reason } = encodeTraceEvent(given);
      if (event === undefined) {
        batch.rejected.push({ event: given, reason });
        continue;
      }
      const { event_id = '' } = event;
      const underWay = this.#underWay.get(event_id);
      if (underWay !== undefined) return underWay;
      if (this.#appended.has(event_id) || ids.has(event_id)) continue;
      ids.add(event_id);
      batch.lines += formatJournalLine(JSON.stringify(event));
    }
    batch.ids.push(...ids);
    return batch;
  }

  async #write({ lines, ids }: Batch): Promise<void> {
    const written = this.#segment.append(lines);
    const settled = written.catch(() => undefined);
    for (const id of ids) this.#underWay.set(id, settled);
    try {
      await written;
    } catch (error) {
      throw this.#explain(error as NodeJS.ErrnoException, 'written');
    } finally {
      for (const id of ids) this.#underWay.delete(id);
    }
    for (const id of ids) this.#appended.add(id);
    this.#forgetOldest();
  }

  /** A delivery is repeated soon or not at all; what is repeated later still is one event to every reader. */
  #forgetOldest(): void {
    for (const id of this.#appended) {
      if (this.#appended.size <= REMEMBERED_IDS) return;
      this.#appended.delete(id);
    }
  }

  #explain(cause: NodeJS.ErrnoException, done: 'written' | 'read'): Error {
    const journal = `The journal in ${this.#directory}`;
    if (noRoom.has(cause.code)) return new StoreFullError(journal, { cause });
    return new StoreUnavailableError(`${journal} cannot be ${done}: ${cause.message}`, { cause });
  }

  /** Visits all events of lines that pass `accept`, segment by segment, oldest segment first. */
  async #read(
    accept: LineFilter,
    visit: (event: TraceEvent) => void,
    signal?: ReadOptions['signal'],
  ): Promise<void> {
    this.#check();
    for (const path of await this.#readable(listSegments(this.#directory))) {
      if (signal?.aborted) throw signal.reason;
      const scan = scanSegment(path, accept, (json) => {
        const event = readEvent(json);
        if (event === undefined) this.#damagedLines += 1;
        else visit(event);
      });
      const damage = await this.#readable(scan);
      this.#damagedLines += damage.damagedLines;
      this.#tornBytes.set(path, damage.tornBytes);
    }
    if (signal?.aborted) throw signal.reason;
  }

  #readable<T>(reading: Promise<T>): Promise<T> {
    return reading.catch((error: NodeJS.ErrnoException) => {
      throw this.#explain(error, 'read');
    });
  }
}

type LineFilter = (line: Buffer) => boolean;

const anyLine: LineFilter = () => true;

/** Lines that have one of `words` as a whole text, as JSON writes it, anywhere. */
function containing(words: readonly string[]): LineFilter {
  const inJson = words.map((word) => Buffer.from(JSON.stringify(word)));
  return (line) => inJson.some((word) => line.includes(word));
}

interface Batch {
  lines: string;
  readonly ids: string[];
  readonly rejected: { event: TraceEvent; reason: string }[];
}

function readEvent(json: string): TraceEvent | undefined {
  try {
    return parseTraceEvent(JSON.parse(json)).event;
  } catch {
    return undefined;
  }
}

/** An event that several deliveries stored is one event. */
function keepFirst(events: Map<string, TraceEvent>, event: TraceEvent): void {
  const { event_id = '' } = event;
  if (!events.has(event_id)) events.set(event_id, event);
}
