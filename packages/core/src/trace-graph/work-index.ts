import type { StoredEntity } from '../events/trace-event.ts';
import { markOfId, mixed, unmarked } from './entity-mark.ts';
import type { FoldedSpan, SpanWork } from './folded-span.ts';
import { hasEntity } from './span-facts.ts';
import type { SpanTable } from './span-table.ts';
import { compareWork, FoldedWork } from './work.ts';

/** The work to ask for: an entity, or as much of it as is known; a text is its id. */
export type WorkRef = string | (Partial<StoredEntity> & { readonly id: string });

/**
 * Work by entity. A question about a few spans looks only at spans that share their marks; a question about all work looks
 * at everything, once.
 */
export class WorkIndex {
  readonly #table: SpanTable;
  readonly #works: FoldedWork[] = [];
  /** Marks whose work is in the index; `undefined` when all is. */
  #known: Set<number> | undefined = new Set();

  constructor(table: SpanTable) {
    this.#table = table;
  }

  /** All work, by its first span. */
  all(): readonly FoldedWork[] {
    const known = this.#known;
    if (known !== undefined) {
      this.#known = undefined;
      const spans = this.#table.spansWhere((facts) => (facts & hasEntity) !== 0);
      this.#add(spans.filter((span) => !known.has(this.#markOf(span))));
    }
    return [...this.#works].sort(compareWork);
  }

  /** The work that `span` is an attempt at. */
  of(span: FoldedSpan): SpanWork | undefined {
    const mark = this.#markOf(span);
    if (mark !== unmarked && this.#known?.has(mark) === false) this.all();
    return span.work;
  }

  /** Makes the work of these spans known. */
  lookAt(spans: readonly FoldedSpan[]): void {
    const known = this.#known;
    if (known === undefined) return;
    const marks = new Set<number>();
    for (const span of spans) {
      const mark = this.#markOf(span);
      if (mark !== unmarked && !known.has(mark)) marks.add(mark);
    }
    if (marks.size === 0) return;
    for (const mark of marks) known.add(mark);
    const marked = this.#table.rows.rowsMarked(marks).map((row) => this.#table.span(row));
    this.#add(marked.filter((span) => marks.has(this.#markOf(span))));
  }

  /** The work that `work` describes; when several fit, the one that was sent or started first. */
  find(work: WorkRef): FoldedWork | undefined {
    const { id, system, queue, name } = typeof work === 'string' ? { id: work } : { ...work };
    return this.all().find(
      ({ entity }) =>
        entity.id === id &&
        fits(entity.system, system) &&
        fits(entity.queue, queue) &&
        fits(entity.name, name),
    );
  }

  /** A span whose events name several entities is about the first. */
  #markOf(span: FoldedSpan): number {
    const mark = this.#table.rows.markOf(span.row);
    return mark !== mixed ? mark : span.entity === undefined ? unmarked : markOfId(span.entity.id);
  }

  #add(spans: readonly FoldedSpan[]): void {
    for (const group of groupsOf(spans)) this.#works.push(new FoldedWork(group));
  }
}

/** Grouped by entity. A question about one job brings one group. */
function groupsOf(spans: readonly FoldedSpan[]): Iterable<readonly FoldedSpan[]> {
  const [first] = spans;
  if (spans.every(({ entity }) => isSameWork(entity, first?.entity))) return first?.entity ? [spans] : [];
  const groups = new Map<string, FoldedSpan[]>();
  for (const span of spans) {
    if (span.entity === undefined) continue;
    const key = keyOf(span.entity);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [span]);
    else group.push(span);
  }
  return groups.values();
}

function isSameWork(a: StoredEntity | undefined, b: StoredEntity | undefined): boolean {
  return a?.id === b?.id && a?.queue === b?.queue && a?.system === b?.system;
}

/** Ids are unique within a queue of a system, no further. */
function keyOf({ system, queue, id }: StoredEntity): string {
  return `${system}\n${queue ?? ''}\n${id}`;
}

function fits(actual: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || actual === wanted;
}
