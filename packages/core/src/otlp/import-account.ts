/**
 * Why something in the input was not taken.
 *
 * - `too_large`: the text is longer than `maxLength`; nothing of it was read. `malformed_json`: a text, or a line of it,
 *   is no JSON. `not_a_request`: it is JSON, but no export request of traces. `other_signal`: it is one of metrics or logs.
 * - `too_many_spans`: beyond `maxSpans`. `too_many_entries`: beyond the 100,000th attribute, event or link of one span.
 * - `malformed`: a part of a request has the wrong shape. `trace_id_invalid`, `span_id_invalid`: without either there is
 *   no span. `unreadable`: reading it threw.
 * - `parent_span_id_invalid`, `time_invalid`, `attribute_invalid`, `event_invalid`, `link_invalid`: the span was taken
 *   without it. `record_invalid`: a stored event that the span should carry is cut off or does not belong to it; the
 *   span was read as if it were anybody's.
 * - `duplicate`: a span came twice.
 */
export type OtlpRejectionReason =
  | 'too_large'
  | 'malformed_json'
  | 'not_a_request'
  | 'other_signal'
  | 'too_many_spans'
  | 'too_many_entries'
  | 'malformed'
  | 'trace_id_invalid'
  | 'span_id_invalid'
  | 'unreadable'
  | 'parent_span_id_invalid'
  | 'time_invalid'
  | 'attribute_invalid'
  | 'event_invalid'
  | 'link_invalid'
  | 'record_invalid'
  | 'duplicate';

/** What was not taken, told once per reason. */
export interface OtlpRejection {
  readonly reason: OtlpRejectionReason;
  /** How often. */
  readonly count: number;
  /** Where it was first, beginning with the request: `[2].resourceSpans[0].scopeSpans[1].spans[7]`; empty for the input. */
  readonly first: string;
}

/** What producers say they left out before they exported: their limits were reached. */
export interface OtlpDropped {
  readonly attributes: number;
  readonly events: number;
  readonly links: number;
}

/** Counts what an import leaves behind, and knows where the reader is. */
export class ImportAccount {
  readonly dropped: { -readonly [K in keyof OtlpDropped]: number } = { attributes: 0, events: 0, links: 0 };
  readonly #rejections = new Map<OtlpRejectionReason, { count: number; first: string }>();
  readonly #place: (readonly [name: string, index: number])[] = [];

  reject(reason: OtlpRejectionReason, count = 1): void {
    const known = this.#rejections.get(reason);
    if (known === undefined) this.#rejections.set(reason, { count, first: this.#path() });
    else known.count += count;
  }

  get rejected(): readonly OtlpRejection[] {
    return [...this.#rejections].map(([reason, { count, first }]) => ({ reason, count, first }));
  }

  /** Calls `read` for each item; what it throws costs that item alone. */
  forEach(name: string, list: readonly unknown[], read: (item: unknown) => void): void {
    for (let index = 0; index < list.length; index++) {
      this.#place.push([name, index]);
      try {
        read(list[index]);
      } catch {
        this.reject('unreadable');
      }
      this.#place.pop();
    }
  }

  #path(): string {
    return this.#place.map(([name, index]) => `${name}[${index}]`).join('.');
  }
}
