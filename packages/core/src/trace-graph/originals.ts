import { FoldedSpan } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';

/** The spans that compensations undo. One of which no event arrived gets a stand-in, which is not part of the tree. */
export class Originals {
  readonly #trace: FoldedTrace;
  readonly #standIns = new Map<string, FoldedSpan>();

  constructor(trace: FoldedTrace) {
    this.#trace = trace;
  }

  /** The link says in which trace; without one it is the trace of the compensation. */
  of({ traceId, originalSpanId = '', links }: FoldedSpan): FoldedSpan {
    const link = links.find(
      ({ span_id, relation }) => relation === 'compensates' && span_id === originalSpanId,
    );
    const place = { trace_id: link?.trace_id ?? traceId, span_id: originalSpanId };
    return (
      this.#trace.find(place) ?? this.#trace.find({ ...place, trace_id: traceId }) ?? this.#standIn(place)
    );
  }

  #standIn({ trace_id, span_id }: { readonly trace_id: string; readonly span_id: string }): FoldedSpan {
    const key = `${trace_id}\n${span_id}`;
    const { table } = this.#trace;
    // A row past the end has no events, no parent and no children.
    const span =
      this.#standIns.get(key) ??
      new FoldedSpan(table, table.rows.size + this.#standIns.size, trace_id, span_id);
    this.#standIns.set(key, span);
    return span;
  }
}
