import { closeSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { SegmentFile } from './segment-file.ts';

/**
 * When a batch counts as durable.
 *
 * - `'batch'`: after fdatasync. It survives a power loss.
 * - `'interval'`: once the kernel has it, which survives the end of the process; fdatasync follows within a second.
 * - `'none'`: once the kernel has it, which writes it to the disk when it likes.
 */
export type JournalSync = 'batch' | 'interval' | 'none';

export interface SegmentWriterOptions {
  readonly directory: string;
  /** Called before a segment is begun, except at a crash. */
  readonly prepare: () => Promise<void>;
  /** Names for segments, each once. */
  readonly nextName: () => string;
  readonly sync: JournalSync;
  /** A segment that would grow beyond it is ended, and the next one begun. */
  readonly segmentBytes: number;
  /** A segment is ended when it was begun so long ago, in ms. */
  readonly segmentAgeMs: number;
  /** Called when a segment was begun. */
  readonly begun?: (() => void) | undefined;
}

const SYNC_INTERVAL_MS = 1000;
/** Others may delete the segment that is written to, but not again and again. */
const MAX_TRIES = 3;

/**
 * Appends lines to segments that only this process writes.
 *
 * Batches that arrive while a write is under way are written together by the next one (group commit), so that many
 * small appends cost few syncs. A file is created by the first write: a process that only reads leaves no trace.
 *
 * ```text
 * append A ─▶ write A ──────▶ sync ─▶ A resolves
 *      append B ┐                       │
 *      append C ┴─ wait ────────────────▶ write B+C ─▶ sync ─▶ B, C resolve
 * ```
 */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  #file: SegmentFile | undefined;
  /** What is written at a crash goes to a file of its own: a write to the other one may be under way. */
  #crashFile: SegmentFile | undefined;
  #begunAt = 0;
  #waiting: Buffer[] = [];
  #nextCommit: Promise<void> | undefined;
  /** The end of the queue: commits and endings run one after another. */
  #lastTask: Promise<void> = Promise.resolve();
  #syncTimer: NodeJS.Timeout | undefined;
  #failedSyncs = 0;

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
  }

  /** Delayed syncs, those of `'interval'`, that failed. */
  get failedSyncs(): number {
    return this.#failedSyncs;
  }

  /** Whether a file may still be written to. */
  isGrowing(path: string): boolean {
    return path === this.#file?.path || path === this.#crashFile?.path;
  }

  /**
   * Appends whole lines.
   *
   * @param lines one or more lines, each with its line feed
   * @returns resolves when durable; rejects with the system's error when this batch was not, or not wholly, written
   */
  append(lines: Buffer): Promise<void> {
    this.#waiting.push(lines);
    this.#nextCommit ??= this.#enqueue(() => this.#commit());
    return this.#nextCommit;
  }

  /** Appends whole lines at once, while appends may be under way. @throws the system's error */
  appendSync(lines: Buffer): void {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      this.#crashFile ??= this.#begin();
      this.#crashFile.writeSync(lines);
      if (this.#options.sync !== 'none') this.#crashFile.syncSync();
      if (this.#crashFile.isInPlace()) return;
      this.#crashFile = undefined;
    }
    throw deletedAgain(this.#options.directory);
  }

  /** Waits for what was appended, and ends the segments: what comes next goes to new ones. */
  seal(): Promise<void> {
    return this.#enqueue(() => this.#end());
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.#lastTask.then(task);
    this.#lastTask = done.catch(() => undefined);
    return done;
  }

  #commit(): Promise<void> {
    const lines = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#nextCommit = undefined;
    return this.#write(lines);
  }

  async #write(lines: Buffer): Promise<void> {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      if (this.#isFull(lines.length)) await this.#end();
      if (this.#file === undefined) {
        await this.#options.prepare();
        this.#file = this.#begin();
      }
      await this.#file.write(lines);
      await this.#sync(this.#file);
      // Looked at after the write: what somebody deleted or took away in between is written again.
      if (this.#file.isInPlace()) return;
      await this.#end();
    }
    throw deletedAgain(this.#options.directory);
  }

  #isFull(more: number): boolean {
    const { segmentBytes, segmentAgeMs } = this.#options;
    const size = this.#file?.size ?? 0;
    return size > 0 && (size + more > segmentBytes || Date.now() - this.#begunAt > segmentAgeMs);
  }

  #begin(): SegmentFile {
    const { directory, nextName, sync, begun } = this.#options;
    const file = new SegmentFile(join(directory, nextName()));
    if (sync === 'batch') syncDirectory(directory);
    this.#begunAt = Date.now();
    begun?.();
    return file;
  }

  async #sync(file: SegmentFile): Promise<void> {
    if (this.#options.sync === 'batch') await file.sync();
    if (this.#options.sync !== 'interval' || this.#syncTimer !== undefined) return;
    this.#syncTimer = setTimeout(() => {
      this.#syncTimer = undefined;
      this.#file?.sync().catch(() => {
        this.#failedSyncs += 1;
      });
    }, SYNC_INTERVAL_MS).unref();
  }

  async #end(): Promise<void> {
    const files = [this.#file, this.#crashFile];
    this.#file = undefined;
    this.#crashFile = undefined;
    clearTimeout(this.#syncTimer);
    this.#syncTimer = undefined;
    // A segment without its mark is told from one that grows by its process: no room for the mark does no harm.
    for (const file of files) await file?.end(this.#options.sync !== 'none').catch(() => undefined);
  }
}

/** A file that is on the disk is lost with the power all the same when its name is not. */
function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return; // directories cannot be opened there
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function deletedAgain(directory: string): Error {
  return new Error(`segments in ${directory} are deleted while they are written`);
}
