import { statSync } from 'node:fs';
import { rename, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { segmentNamesIn } from './journal-directory.ts';
import { mayRun, NOBODY } from './process-identity.ts';
import { formatSegmentName, parseSegmentName } from './segment-name.ts';

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
   * Takes over what closed openings handed over and what ended processes left behind, by a name of this opening's own: so only one takes it, and
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

  /**
   * Leaves what is there to whoever comes next, by names that say that nobody has it. Until then other openings of this
   * process, those of its worker threads included, leave it alone: they cannot tell who else is at work here.
   */
  async handOver(): Promise<void> {
    for (const { path } of this.own()) {
      const name = parseSegmentName(basename(path));
      if (name === undefined) continue;
      const left = formatSegmentName({ ...name, owner: { ...name.owner, pid: NOBODY } });
      await rename(path, join(this.#options.directory, left)).catch(() => undefined); // then it is left with the process
    }
  }

  /** Other machines cannot see this process; they see when its files were touched. */
  giveSignOfLife(): void {
    for (const { path } of this.own()) void touch(path);
  }

  #isOwn({ path }: SpoolFile): boolean {
    return parseSegmentName(basename(path))?.boot === this.#options.boot;
  }

  #isLeftBehind({ path, touchedAt }: SpoolFile): boolean {
    const { foreignAfterMs } = this.#options;
    const owner = parseSegmentName(basename(path))?.owner;
    return owner === undefined
      ? Date.now() - touchedAt >= foreignAfterMs
      : !mayRun(owner, touchedAt, foreignAfterMs);
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined); // it may be gone
}
