import type { StoredEntity, TraceEvent } from '../events/trace-event.ts';
import { asText } from './event-data.ts';
import type { FoldedSpan, SpanWork } from './folded-span.ts';
import { hasEntity, markOfId } from './span-facts.ts';
import type { SpanTable } from './span-table.ts';
import { compareWork, FoldedWork } from './work.ts';

/** The work to ask for: an entity, or as much of it as is known; a text is its id. */
export type WorkRef = string | (Partial<StoredEntity> & { readonly id: string });

/**
 * Work by entity. A question about a few spans looks only at spans that mention the same ids; a question about all
 * work looks at everything, once.
 */
export class WorkIndex {
  readonly #table: SpanTable;
  readonly #works = new Map<string, FoldedWork>();
  /** Ids whose work is in the index; `undefined` when all is. */
  #known: Set<string> | undefined = new Set();

  constructor(table: SpanTable) {
    this.#table = table;
  }

  /** All work, by its first span. */
  all(): readonly FoldedWork[] {
    if (this.#known !== undefined) {
      this.#known = undefined;
      this.#add(this.#table.spansWhere((facts) => (facts & hasEntity) !== 0));
    }
    return [...this.#works.values()].sort(compareWork);
  }

  /** The work that `span` is an attempt at. */
  of(span: FoldedSpan): SpanWork | undefined {
    if (span.entity !== undefined && this.#known?.has(span.entity.id) === false) this.all();
    return span.work;
  }

  /** Makes the work of these spans known. */
  lookAt(spans: readonly FoldedSpan[]): void {
    const known = this.#known;
    if (known === undefined) return;
    const ids = new Set(
      spans.flatMap(({ entity }) => (entity === undefined || known.has(entity.id) ? [] : entity.id)),
    );
    if (ids.size === 0) return;
    for (const id of ids) known.add(id);
    this.#add(this.#mentioning(ids));
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

  #mentioning(ids: ReadonlySet<string>): FoldedSpan[] {
    const table = this.#table;
    const isMentioned = ({ data }: TraceEvent): boolean => ids.has(asText(data?.entity?.id) ?? '');
    let marks = 0;
    for (const id of ids) marks |= markOfId(id);
    const spans: FoldedSpan[] = [];
    for (let row = 0; row < table.rows.count; row++) {
      if ((table.rows.factsOf(row) & marks) === 0 || !table.rows.someEvent(row, isMentioned)) continue;
      const span = table.span(row);
      if (span.entity !== undefined && ids.has(span.entity.id)) spans.push(span);
    }
    return spans;
  }

  #add(spans: readonly FoldedSpan[]): void {
    const groups = new Map<string, FoldedSpan[]>();
    for (const span of spans) {
      if (span.entity === undefined) continue;
      const key = keyOf(span.entity);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [span]);
      else group.push(span);
    }
    for (const [key, group] of groups) if (!this.#works.has(key)) this.#works.set(key, new FoldedWork(group));
  }
}

/** Ids are unique within a queue of a system, no further. */
function keyOf({ system, queue, id }: StoredEntity): string {
  return `${system}\n${queue ?? ''}\n${id}`;
}

function fits(actual: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || actual === wanted;
}
