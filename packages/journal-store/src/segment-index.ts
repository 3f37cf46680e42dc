import { type IndexedState, type IndexKind, readIndexFile, writeIndexFile } from './index-file.ts';
import { type LineChunk, readLines } from './segment-lines.ts';

/** What an index is made of. It grows with its segment. */
export interface IndexPart {
  /** The segment is known up to here, in bytes. */
  readonly position: number;
  /** About how much memory it takes. */
  readonly memoryBytes: number;
  /** @param chunk begins at `position` */
  add(chunk: LineChunk): void;
  /** The content of an index file. */
  encode(): Buffer;
}

/** A segment as it was looked at. */
export interface SegmentView {
  readonly path: string;
  readonly fd: number;
  readonly state: IndexedState;
  /** Whether nobody writes to it any more. */
  readonly isEnded: boolean;
}

export interface SegmentIndexOptions<T extends IndexPart> {
  readonly kind: IndexKind;
  readonly create: () => T;
  /** @throws when the content is not what `encode` gave */
  readonly decode: (content: Buffer, position: number) => T;
}

/**
 * One index of one segment: kept in memory and extended by what came since the last look, and kept in a file beside the
 * segment from the moment on when that is ended. The file is a cache: when it is missing, damaged or of another state of
 * the segment, the segment is read.
 */
export class SegmentIndex<T extends IndexPart> {
  readonly #options: SegmentIndexOptions<T>;
  #part: T | undefined;
  #isFromFile = false;
  #believesFile = true;
  #isWritten = false;
  #lastTask: Promise<unknown> = Promise.resolve();

  constructor(options: SegmentIndexOptions<T>) {
    this.#options = options;
  }

  /** What is in memory now. */
  get part(): T | undefined {
    return this.#part;
  }

  get isFromFile(): boolean {
    return this.#isFromFile;
  }

  /** Frees the memory. */
  drop(): void {
    this.#part = undefined;
  }

  /** The file does not fit the segment, although it looks so: from now on the segment is read. */
  distrust(): void {
    this.#believesFile = false;
    this.#isWritten = false;
    this.drop();
  }

  /** Everything that is in the segment when it is looked at. Looks one after another. */
  upToNow(look: () => SegmentView): Promise<T> {
    const done = this.#lastTask.then(() => this.#extend(look()));
    this.#lastTask = done.catch(() => undefined);
    return done;
  }

  async #extend(view: SegmentView): Promise<T> {
    const { size } = view.state;
    if (this.#part === undefined || this.#part.position > size) this.#part = await this.#begin(view);
    const part = this.#part;
    if (part.position < size) {
      for await (const chunk of readLines(view.fd, part.position, size)) part.add(chunk);
    }
    if (view.isEnded && !this.#isWritten) await this.#write(view, part);
    return part;
  }

  async #begin({ path, state, isEnded }: SegmentView): Promise<T> {
    const { kind, create, decode } = this.#options;
    this.#isFromFile = false;
    if (!isEnded || !this.#believesFile) return create();
    const file = await readIndexFile(path, kind, state);
    if (file === undefined) return create();
    try {
      const part = decode(file.content, file.position);
      this.#isFromFile = true;
      this.#isWritten = true;
      return part;
    } catch {
      return create();
    }
  }

  /** Once: a reader that has no right to write has to do without. */
  async #write({ path, state }: SegmentView, part: T): Promise<void> {
    this.#isWritten = true;
    const { kind, decode } = this.#options;
    const content = part.encode();
    await writeIndexFile(path, kind, state, { position: part.position, content });
    this.#part = decode(content, part.position);
  }
}
