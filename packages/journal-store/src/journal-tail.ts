import { closeSync, type FSWatcher, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { AbortSignalLike, TraceEvent, TraceListQuery } from '@throughline/core/events';
import { segmentNamesIn } from './journal-directory.ts';
import { openIfThere } from './open-if-there.ts';
import { readEvent } from './read-event.ts';
import { RecentIds } from './recent-ids.ts';
import { forEachLine, lineStartBefore, readLines } from './segment-lines.ts';
import { TailFilter } from './tail-filter.ts';

export interface JournalTailOptions {
  readonly directory: string;
  readonly query: TraceListQuery;
  readonly signal: AbortSignalLike | undefined;
  /** The events of a trace before these positions in the segments, by name; none of other segments. */
  readonly getTrace: (traceId: string, before: ReadonlyMap<string, number>) => Promise<TraceEvent[]>;
  readonly ended: (tail: JournalTail) => void;
  /** The error to reject with for one of the system. */
  readonly failure: (error: NodeJS.ErrnoException) => Error;
}

/** Notices of the system come sooner, where it gives any. */
const POLL_MS = 200;

/**
 * Follows the segments of all processes.
 *
 * It reads when its reader asks for more, so a slow reader costs no memory: what it has not read stays in the files.
 *
 * ```text
 * next ─▶ events at hand? ─ yes ─▶ give one
 *             │ no      ▲
 *             ▼         │ some
 *         read a chunk of what was appended ── nothing ─▶ ended? ─ yes ─▶ done
 *                       ▲                                    │ no
 *                       └──────── a notice, or 200 ms ◀──────┘
 * ```
 */
export class JournalTail implements AsyncIterableIterator<TraceEvent> {
  readonly #options: JournalTailOptions;
  readonly #filter: TailFilter;
  /** Up to where each segment was read. */
  readonly #positions = new Map<string, number>();
  /** Positions that may lie inside a line that was being written when the tail began. */
  readonly #unaligned: Set<string>;
  readonly #seen = new RecentIds();
  #events: TraceEvent[] = [];
  /** When it was ended: the sizes of all segments at that moment. */
  #last: ReadonlyMap<string, number> | undefined;
  #isOver = false;
  #lastStep: Promise<unknown> = Promise.resolve();
  #watcher: FSWatcher | undefined;
  #wake: () => void = () => {};

  /** @throws the system's error */
  constructor(options: JournalTailOptions) {
    this.#options = options;
    this.#filter = new TailFilter(options.query, (traceId) => options.getTrace(traceId, this.#positions));
    for (const [name, size] of this.#sizes()) this.#positions.set(name, size);
    this.#unaligned = new Set(this.#positions.keys());
    if (options.signal?.aborted) this.end();
    else options.signal?.addEventListener('abort', this.end);
  }

  /** What was stored before can still be read. */
  readonly end = (): void => {
    if (this.#last !== undefined) return;
    try {
      this.#last = this.#sizes();
    } catch {
      this.#last = new Map(); // the directory is gone
    }
    this.#options.signal?.removeEventListener('abort', this.end);
    this.#options.ended(this);
    this.#wake();
  };

  next(): Promise<IteratorResult<TraceEvent>> {
    const step = this.#lastStep.then(() => this.#next());
    this.#lastStep = step.catch(() => undefined);
    return step;
  }

  async return(): Promise<IteratorResult<TraceEvent>> {
    this.#stop();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #next(): Promise<IteratorResult<TraceEvent>> {
    try {
      for (;;) {
        if (this.#isOver) return { done: true, value: undefined };
        const value = this.#events.shift();
        if (value !== undefined) return { done: false, value };
        const isLast = this.#last !== undefined;
        if (await this.#read()) continue;
        if (isLast) this.#stop();
        else await this.#pause();
      }
    } catch (error) {
      this.#stop();
      throw this.#options.failure(error as NodeJS.ErrnoException);
    }
  }

  #stop(): void {
    this.#isOver = true;
    this.#events = [];
    this.end();
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #sizes(): Map<string, number> {
    const { directory } = this.#options;
    const sizes = new Map<string, number>();
    for (const name of segmentNamesIn(directory)) {
      const size = statSync(join(directory, name), { throwIfNoEntry: false })?.size;
      if (size !== undefined) sizes.set(name, size);
    }
    return sizes;
  }

  /** Reads a chunk of each segment that has grown. @returns whether any has */
  async #read(): Promise<boolean> {
    const sizes = this.#last ?? this.#sizes();
    let hasGrown = false;
    for (const name of this.#positions.keys()) if (!sizes.has(name)) this.#positions.delete(name);
    for (const [name, size] of sizes) {
      if (size > (this.#positions.get(name) ?? 0) && (await this.#readChunk(name, size))) hasGrown = true;
    }
    return hasGrown;
  }

  async #readChunk(name: string, size: number): Promise<boolean> {
    const fd = openIfThere(join(this.#options.directory, name));
    if (fd === undefined) return false;
    try {
      const known = this.#positions.get(name) ?? 0;
      const from = this.#unaligned.delete(name) ? await lineStartBefore(fd, known) : known;
      this.#positions.set(name, from);
      for await (const { bytes, position } of readLines(fd, from, size)) {
        this.#events.push(...(await this.#filter.select(this.#fresh(bytes))));
        this.#positions.set(name, position + bytes.length);
        return true;
      }
      return false;
    } finally {
      closeSync(fd);
    }
  }

  #fresh(bytes: Buffer): TraceEvent[] {
    const events: TraceEvent[] = [];
    forEachLine(bytes, (start, end) => {
      const event = readEvent(bytes, start, end);
      if (typeof event === 'object' && this.#seen.add(event.event_id ?? '')) events.push(event);
    });
    return events;
  }

  /** Keeps the process running: somebody waits. */
  #pause(): Promise<void> {
    this.#watch();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** A notice is a hint only: some file systems give none, and the system's number of watchers is limited. */
  #watch(): void {
    if (this.#watcher !== undefined) return;
    try {
      this.#watcher = watch(this.#options.directory, { persistent: false }, () => this.#wake());
      this.#watcher.on('error', () => undefined);
    } catch {
      // Polling does.
    }
  }
}
