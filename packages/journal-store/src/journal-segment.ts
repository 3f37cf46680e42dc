import { closeSync, fstatSync } from 'node:fs';
import { basename } from 'node:path';
import type { TraceEvent } from '@throughline/core/events';
import { openIfThere } from './open-if-there.ts';
import { mayRun } from './process-identity.ts';
import { readEvent } from './read-event.ts';
import { SegmentIndex, type SegmentView } from './segment-index.ts';
import { readStretch } from './segment-lines.ts';
import { parseSegmentName } from './segment-name.ts';
import { isSealed } from './segment-seal.ts';
import { TraceFacts } from './trace-facts.ts';
import { type TraceKey, traceKey } from './trace-key.ts';
import { type LineSpans, NO_TRACE, TraceLines } from './trace-lines.ts';

/** Lines that are nearer to each other than this are read together. */
const GAP_BYTES = 4096;
const STRETCH_BYTES = 1 << 20;
/** A process elsewhere that wrote nothing for so long counts as ended. */
const FOREIGN_SILENCE_MS = 24 * 60 * 60 * 1000;
/** Asking the system whether a process runs costs more than reading a trace. */
const LIVENESS_INTERVAL_MS = 1000;

/** One segment as its readers see it. They take no locks: its process may go on writing. */
export class JournalSegment {
  readonly path: string;
  readonly name: string;
  /** Bytes after the last whole line at the latest look: a write under way, or one cut short. */
  tornBytes = 0;
  /** Where damaged lines were met. */
  readonly damaged: Set<number> = new Set();
  readonly #lines: SegmentIndex<TraceLines> = new SegmentIndex({
    kind: 'lines',
    create: () => new TraceLines(),
    decode: TraceLines.decode,
  });
  readonly #facts: SegmentIndex<TraceFacts> = new SegmentIndex({
    kind: 'facts',
    create: () => new TraceFacts(),
    decode: TraceFacts.decode,
  });
  /** At the latest look. */
  #size = 0;
  #isSealed = false;
  /** Whether its process has ended without sealing it, as far as that can be known. */
  #isLeftBehind = false;
  #judgedUntil = 0;

  constructor(path: string) {
    this.path = path;
    this.name = basename(path);
  }

  /** About how much memory its indexes take. */
  get memoryBytes(): number {
    return (this.#lines.part?.memoryBytes ?? 0) + (this.#facts.part?.memoryBytes ?? 0);
  }

  /** Frees the memory of indexes that are on the disk; what grows stays. */
  dropIndexes(): void {
    if (!this.#isSealed && !this.#isLeftBehind) return;
    this.#lines.drop();
    this.#facts.drop();
  }

  /** Its size and last write, and whether nobody writes to it any more; `undefined` when it is gone. */
  inspect(): { readonly size: number; readonly mtimeMs: number; readonly isEnded: boolean } | undefined {
    const fd = openIfThere(this.path);
    if (fd === undefined) return undefined;
    try {
      const { state, isEnded } = this.#look(fd);
      return { size: state.size, mtimeMs: state.mtimeMs, isEnded };
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Visits the events of a trace in the order in which they were written.
   *
   * @param before lines that are not whole by this position are left out
   */
  async readTrace(
    key: TraceKey,
    visit: (event: TraceEvent) => void,
    before: number = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    if (this.#isSealed && this.#lines.part?.of(key).length === 0) return;
    await whileOpen(this.path, async (fd) => {
      const wanted = async (): Promise<LineSpans> =>
        spansBefore((await this.#linesUpToNow(fd)).of(key), before);
      if ((await this.#visitLines(fd, await wanted(), key, visit)) || !this.#lines.isFromFile) return;
      // The index may be what is wrong. What is visited twice is one event.
      this.#lines.distrust();
      await this.#visitLines(fd, await wanted(), key, visit);
    });
  }

  /** What is known of the traces in here; `undefined` when the segment is gone. */
  async facts(): Promise<TraceFacts | undefined> {
    return whileOpen(this.path, async (fd) => {
      const facts = await this.#facts.upToNow(() => this.#look(fd));
      this.#note(facts.position, facts.damaged);
      return facts;
    });
  }

  async #linesUpToNow(fd: number): Promise<TraceLines> {
    const lines = await this.#lines.upToNow(() => this.#look(fd));
    this.#note(
      lines.position,
      lines.of(NO_TRACE).filter((_, index) => index % 2 === 0),
    );
    return lines;
  }

  #note(position: number, damaged: readonly number[]): void {
    this.tornBytes = Math.max(0, this.#size - position);
    for (const start of damaged) this.damaged.add(start);
  }

  #look(fd: number): SegmentView {
    const { size, mtimeMs } = fstatSync(fd);
    this.#size = size;
    const state = { segment: this.name, size, mtimeMs };
    return { path: this.path, fd, state, isEnded: this.#hasEnded(fd, size, mtimeMs) };
  }

  #hasEnded(fd: number, size: number, mtimeMs: number): boolean {
    this.#isSealed ||= isSealed(fd, size);
    const now = Date.now();
    if (this.#isSealed || now < this.#judgedUntil) return this.#isSealed || this.#isLeftBehind;
    this.#judgedUntil = now + LIVENESS_INTERVAL_MS;
    const owner = parseSegmentName(this.name)?.owner;
    this.#isLeftBehind =
      owner === undefined ? now - mtimeMs >= FOREIGN_SILENCE_MS : !mayRun(owner, mtimeMs, FOREIGN_SILENCE_MS);
    return this.#isLeftBehind;
  }

  /** @returns whether every line was there and whole */
  async #visitLines(
    fd: number,
    spans: LineSpans,
    key: TraceKey,
    visit: (event: TraceEvent) => void,
  ): Promise<boolean> {
    let isWhole = true;
    for (const { from, to, lines } of stretchesOf(spans)) {
      const bytes = await readStretch(fd, from, to);
      for (const [start, end] of lines) {
        const event = readEvent(bytes, start - from, end - from);
        if (typeof event === 'object' && traceKey(event.trace_id) === key) visit(event);
        else {
          isWhole = false;
          this.damaged.add(start);
        }
      }
    }
    return isWhole;
  }
}

function spansBefore(spans: LineSpans, before: number): LineSpans {
  if ((spans.at(-1) ?? 0) < before) return spans;
  return spans.filter((_, index) => (spans[index | 1] ?? before) < before);
}

interface Stretch {
  readonly from: number;
  to: number;
  readonly lines: (readonly [start: number, end: number])[];
}

/** Groups lines that are better read at once. */
function stretchesOf(spans: LineSpans): Stretch[] {
  const stretches: Stretch[] = [];
  let last: Stretch | undefined;
  for (let index = 0; index + 1 < spans.length; index += 2) {
    const start = spans[index] ?? 0;
    const end = spans[index + 1] ?? 0;
    if (last === undefined || start - last.to > GAP_BYTES || end - last.from > STRETCH_BYTES) {
      last = { from: start, to: end, lines: [] };
      stretches.push(last);
    }
    last.to = end;
    last.lines.push([start, end]);
  }
  return stretches;
}

async function whileOpen<T>(path: string, work: (fd: number) => Promise<T>): Promise<T | undefined> {
  const fd = openIfThere(path);
  if (fd === undefined) return undefined;
  try {
    return await work(fd);
  } finally {
    closeSync(fd);
  }
}
