import { closeSync, statSync } from 'node:fs';
import { rename, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { segmentNamesIn } from './journal-directory.ts';
import { openIfThere } from './open-if-there.ts';
import { isThisProcess, mayRun } from './process-identity.ts';
import { parseSegmentName } from './segment-name.ts';
import { isSealed } from './segment-seal.ts';

export interface SpoolFile {
  readonly path: string;
  readonly size: number;
  /** When it was written or touched last, in ms since the epoch. */
  readonly touchedAt: number;
}

export interface SpoolFilesOptions {
  readonly directory: string;
  /** The opening whose files these are. */
  readonly boot: string;
  /** Gives names for files of that opening. */
  readonly nextName: () => string;
  readonly foreignAfterMs: number;
}

/** The files of a spool directory, and whose they are. Every method throws the system's error. */
export class SpoolFiles {
  readonly #options: SpoolFilesOptions;

  constructor(options: SpoolFilesOptions) {
    this.#options = options;
  }

  /** Those of all processes, oldest first. */
  all(): SpoolFile[] {
    const { directory } = this.#options;
    return segmentNamesIn(directory).flatMap((name) => {
      const path = join(directory, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? [] : { path, size: stat.size, touchedAt: stat.mtimeMs };
    });
  }

  own(): SpoolFile[] {
    return this.all().filter((file) => this.#isOwn(file));
  }

  /**
   * Takes over what processes left behind that have ended, by a name of this opening's own: so only one takes it, and
   * others can tell by whom.
   */
  async takeOver(): Promise<void> {
    const { directory, nextName } = this.#options;
    for (const file of this.all()) {
      if (this.#isOwn(file) || !this.#isLeftBehind(file)) continue;
      const taken = join(directory, nextName());
      const isOurs = await rename(file.path, taken).then(
        () => true,
        () => false, // somebody else was faster
      );
      if (isOurs) await touch(taken);
    }
  }

  /** Other machines cannot see this process; they see when its files were touched. */
  giveSignOfLife(): void {
    for (const { path } of this.own()) void touch(path);
  }

  #isOwn({ path }: SpoolFile): boolean {
    return parseSegmentName(basename(path))?.boot === this.#options.boot;
  }

  /** Of this process, what another opening ended in order; of others, whatever is there once they have ended. */
  #isLeftBehind({ path, size, touchedAt }: SpoolFile): boolean {
    const { foreignAfterMs } = this.#options;
    const owner = parseSegmentName(basename(path))?.owner;
    if (owner === undefined) return Date.now() - touchedAt >= foreignAfterMs;
    return isThisProcess(owner) ? wasEnded(path, size) : !mayRun(owner, touchedAt, foreignAfterMs);
  }
}

function wasEnded(path: string, size: number): boolean {
  const fd = openIfThere(path);
  if (fd === undefined) return false;
  try {
    return isSealed(fd, size);
  } finally {
    closeSync(fd);
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined); // it may be gone
}
