import { fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** When a batch counts as durable: after fdatasync, or once the kernel has it. */
export type JournalSync = 'batch' | 'none';

/**
 * Appends lines to one segment file that only this process writes.
 *
 * Batches that arrive while a write is under way are written together by the next one (group commit), so that many
 * small appends cost few syncs. The file is created by the first write: a process that only reads leaves no trace.
 *
 * ```text
 * append A ─▶ write A ──────▶ sync ─▶ A resolves
 *      append B ┐                       │
 *      append C ┴─ wait ────────────────▶ write B+C ─▶ sync ─▶ B, C resolve
 * ```
 */
export class SegmentWriter {
  readonly #path: string;
  readonly #sync: JournalSync;
  #file: FileHandle | undefined;
  #waiting = '';
  #nextCommit: Promise<void> | undefined;
  #underWay: Promise<void> = Promise.resolve();
  #torn = false;

  constructor(path: string, sync: JournalSync) {
    this.#path = path;
    this.#sync = sync;
  }

  /**
   * Appends whole lines.
   *
   * @param lines one or more lines, each with its line feed
   * @returns resolves when durable; rejects with the system's error when this batch was not, or not wholly, written
   */
  append(lines: string): Promise<void> {
    this.#waiting += lines;
    this.#nextCommit ??= this.#underWay.then(() => this.#commit());
    return this.#nextCommit;
  }

  /** Waits for what was appended and closes the file. */
  async close(): Promise<void> {
    await this.#nextCommit?.catch(() => undefined);
    await this.#underWay;
    await this.#closeFile();
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #commit(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = '';
    this.#nextCommit = undefined;
    const written = this.#write(lines);
    this.#underWay = written.catch(() => undefined);
    return written;
  }

  async #write(lines: string): Promise<void> {
    if (this.#file !== undefined && isDeleted(this.#file)) await this.#closeFile();
    this.#file ??= await open(this.#path, 'a', 0o600);
    const repair = this.#torn ? '\n' : '';
    this.#torn = true; // until the write is known to be whole, the next one starts on a line of its own
    await this.#file.appendFile(repair + lines);
    this.#torn = false;
    if (this.#sync === 'batch') await this.#file.datasync();
  }
}

/** The kernel takes what is written to a file that nobody can find any more. Costs two microseconds. */
function isDeleted({ fd }: FileHandle): boolean {
  return fstatSync(fd).nlink === 0;
}
