import type { TraceEvent } from './trace-event.ts';

/** Events with an id and a source of their own that are remembered while they are in the spool. */
const maxGiven = 10_000;

/** Tells which events in a spool came from one writer: by the id, by the source, or by having been told. */
export class OwnEvents {
  readonly #prefix: string;
  readonly #source: string;
  readonly #given = new Map<string, number>();

  /** @param prefix what the ids begin with that the writer gives */
  constructor(prefix: string, source: string) {
    this.#prefix = prefix;
    this.#source = source;
  }

  add(event: TraceEvent): void {
    const { event_id = '' } = event;
    if (this.#isMarked(event) || this.#given.size >= maxGiven) return;
    this.#given.set(event_id, (this.#given.get(event_id) ?? 0) + 1);
  }

  /** Whether the event was added; each `add` answers once. */
  take(event: TraceEvent): boolean {
    const { event_id = '' } = event;
    if (this.#isMarked(event)) return true;
    const count = this.#given.get(event_id) ?? 0;
    if (count > 1) this.#given.set(event_id, count - 1);
    else this.#given.delete(event_id);
    return count > 0;
  }

  #isMarked({ event_id, source }: TraceEvent): boolean {
    return source === this.#source || event_id?.startsWith(this.#prefix) === true;
  }
}
