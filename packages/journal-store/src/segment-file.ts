import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  openSync,
  statSync,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { SEAL_LINE } from './segment-seal.ts';

const writeBytes = promisify(write);
const syncData = promisify(fdatasync);
const LINE_FEED = Buffer.from('\n');

/**
 * One append-only file that nobody but this object writes.
 *
 * A write that failed may have left half a line; the next one begins on a line of its own, so that the half stays alone.
 */
export class SegmentFile {
  readonly path: string;
  readonly #fd: number;
  readonly #inode: number;
  #size = 0;
  #isTorn = false;
  #syncing: Promise<void> | undefined;

  /** @throws the system's error; also when the file exists */
  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'ax', 0o600);
    this.#inode = fstatSync(this.#fd).ino;
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** Whether the file still is where it was made: not deleted, not renamed. Costs some microseconds. */
  isInPlace(): boolean {
    return statSync(this.path, { throwIfNoEntry: false })?.ino === this.#inode;
  }

  /** One write, unless the system takes only a part of it. */
  async write(lines: Buffer): Promise<void> {
    const bytes = this.#begin(lines);
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await writeBytes(this.#fd, bytes, at, bytes.length - at);
      at += bytesWritten;
      this.#size += bytesWritten;
    }
    this.#isTorn = false;
  }

  /** The same at once, for the moment of a crash. No `write` may be under way. */
  writeSync(lines: Buffer): void {
    const bytes = this.#begin(lines);
    for (let at = 0; at < bytes.length; ) {
      const bytesWritten = writeSync(this.#fd, bytes, at, bytes.length - at);
      at += bytesWritten;
      this.#size += bytesWritten;
    }
    this.#isTorn = false;
  }

  async sync(): Promise<void> {
    this.#syncing = syncData(this.#fd);
    await this.#syncing;
  }

  syncSync(): void {
    fdatasyncSync(this.#fd);
  }

  /** Marks the file as ended, where there is room for the mark, and closes it. A file without content is removed. */
  async end(isSynced: boolean): Promise<void> {
    await this.#syncing?.catch(() => undefined);
    try {
      if (this.#size === 0) unlinkSync(this.path);
      else this.writeSync(SEAL_LINE);
      if (isSynced) await this.sync();
    } finally {
      closeSync(this.#fd);
    }
  }

  #begin(lines: Buffer): Buffer {
    const bytes = this.#isTorn ? Buffer.concat([LINE_FEED, lines]) : lines;
    this.#isTorn = true; // until the write is known to be whole
    return bytes;
  }
}
