import { asLink, asList } from './event-data.ts';
import { compareTexts } from './event-order.ts';
import type { Fold } from './fold.ts';
import { isContinuing } from './span-facts.ts';

/**
 * Which traces are one: a writer that ends a trace in mid-span writes the rest of the span into the continuation, so span
 * ids mean the same in both.
 *
 * @returns for each trace of a line the first of that line; `undefined` when none continues another that is here
 */
export function firstTracesOf({ rows }: Fold): ReadonlyMap<string, string> | undefined {
  const { index } = rows;
  if (!index.hasSeveralTraces) return undefined;
  const lines = new Lines();
  for (let row = 0; row < rows.count; row++) {
    if ((rows.factsOf(row) & isContinuing) === 0) continue;
    for (const { trace_id, data } of rows.eventsOf(row))
      for (const link of asList(data?.links).map(asLink))
        if (link?.relation === 'continues' && index.traceIds.has(link.trace_id))
          lines.join(trace_id, link.trace_id);
  }
  return lines.firsts();
}

/** Traces that belong together, whatever the order in which that is said. */
class Lines {
  /** From each trace towards the one that stands for its line. */
  readonly #next = new Map<string, string>();
  readonly #continuing = new Set<string>();

  join(later: string, earlier: string): void {
    this.#continuing.add(later);
    this.#next.set(this.#headOf(later), this.#headOf(earlier));
  }

  /** The first of a line continues none; of several, and of a ring, it is the first by name. */
  firsts(): ReadonlyMap<string, string> | undefined {
    if (this.#next.size === 0) return undefined;
    const firsts = new Map<string, string>();
    for (const traceId of this.#next.keys()) {
      const head = this.#headOf(traceId);
      const known = firsts.get(head);
      if (known === undefined || this.#compare(traceId, known) < 0) firsts.set(head, traceId);
    }
    return new Map(
      [...this.#next.keys()].map((traceId) => [traceId, firsts.get(this.#headOf(traceId)) ?? traceId]),
    );
  }

  #compare(a: string, b: string): number {
    return Number(this.#continuing.has(a)) - Number(this.#continuing.has(b)) || compareTexts(a, b);
  }

  #headOf(traceId: string): string {
    let head = traceId;
    for (let next = this.#next.get(head); next !== undefined && next !== head; next = this.#next.get(head))
      head = next;
    if (!this.#next.has(head)) this.#next.set(head, head);
    // Whoever asks again has a short way.
    for (let at = traceId; at !== head; ) {
      const next = this.#next.get(at) ?? head;
      this.#next.set(at, head);
      at = next;
    }
    return head;
  }
}
