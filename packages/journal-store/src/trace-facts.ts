import {
  entityOf,
  linksOf,
  parseTimestamp,
  splitEventType,
  type TraceEvent,
  type TraceListQuery,
  textsOf,
} from '@throughline/core/events';
import { type OpenWork, openWorkAfter } from './open-work.ts';
import { readEvent } from './read-event.ts';
import type { IndexPart } from './segment-index.ts';
import { forEachLine, type LineChunk } from './segment-lines.ts';
import { type TraceKey, traceKey } from './trace-key.ts';

/** What one segment knows of one trace: enough to tell whether a query can mean it. */
export interface TraceFact {
  readonly key: TraceKey;
  /** The earliest instant, in ms since the epoch; `null` when nothing in this segment is dated. */
  from: number | null;
  /** The latest instant. */
  to: number | null;
  /** Whether an event of phase `failed` is here. */
  failed: boolean;
  /** What is unfinished, as far as the events here tell. */
  open: OpenWork;
  /** Its terms, as ordinals of the segment's list of terms. */
  readonly terms: number[];
}

/** What {@link TraceFacts} keeps in an index file. */
interface StoredFacts {
  readonly terms: readonly string[];
  readonly traces: readonly TraceFact[];
  readonly damaged: readonly number[];
}

/** Longer values are told apart by their beginning and their length only: facts preselect, events decide. */
const MAX_VALUE = 200;

/**
 * What a segment knows of its traces, as far as it was read: times, failures, and *terms*, which are what a query may
 * ask for (`queue mail`, `tag vip`, …). Grows with the segment.
 */
export class TraceFacts implements IndexPart {
  position = 0;
  readonly traces: TraceFact[] = [];
  /** Where the lines are whose checksum does not match, or that hold no event. */
  readonly damaged: number[] = [];
  readonly #traceOf = new Map<TraceKey, TraceFact>();
  readonly #terms: string[] = [];
  /** How often a trace has a term. */
  #pairs = 0;
  readonly #ordinalOf = new Map<string, number>();

  static decode(content: Buffer, position: number): TraceFacts {
    const { terms, traces, damaged } = JSON.parse(content.toString('utf8')) as StoredFacts;
    const facts = new TraceFacts();
    for (const term of terms) facts.#ordinalOf.set(term, facts.#terms.push(term) - 1);
    for (const trace of traces) {
      facts.#traceOf.set(trace.key, trace);
      facts.traces.push(trace);
      facts.#pairs += trace.terms.length;
    }
    facts.damaged.push(...damaged);
    facts.position = position;
    return facts;
  }

  get memoryBytes(): number {
    return this.#terms.length * 120 + this.#pairs * 8 + this.traces.length * 250;
  }

  encode(): Buffer {
    const facts: StoredFacts = { terms: this.#terms, traces: this.traces, damaged: this.damaged };
    return Buffer.from(JSON.stringify(facts));
  }

  add({ bytes, position }: LineChunk): void {
    forEachLine(bytes, (start, end) => {
      const event = readEvent(bytes, start, end);
      if (event === 'damaged') this.damaged.push(position + start);
      else if (event !== 'seal') this.#add(event);
    });
    this.position = position + bytes.length;
  }

  /** The ordinals of the terms that meet a condition; none when no trace here does. */
  meeting({ isMetBy, term }: TermCondition): ReadonlySet<number> {
    if (isMetBy === undefined) {
      const ordinal = this.#ordinalOf.get(term);
      return new Set(ordinal === undefined ? [] : [ordinal]);
    }
    const ordinals = new Set<number>();
    for (const [ordinal, each] of this.#terms.entries()) if (isMetBy(each)) ordinals.add(ordinal);
    return ordinals;
  }

  #add(event: TraceEvent): void {
    const trace = this.#traceFor(traceKey(event.trace_id));
    const at = parseTimestamp(event.timestamp);
    if (!Number.isNaN(at)) {
      trace.from = Math.min(trace.from ?? at, at);
      trace.to = Math.max(trace.to ?? at, at);
    }
    trace.failed ||= splitEventType(event.event_type).phase === 'failed';
    trace.open = openWorkAfter(trace.open, event, at);
    forEachTerm(event, (term) => this.#addTerm(trace, term));
  }

  #traceFor(key: TraceKey): TraceFact {
    let trace = this.#traceOf.get(key);
    if (trace === undefined) {
      trace = { key, from: null, to: null, failed: false, open: [], terms: [] };
      this.#traceOf.set(key, trace);
      this.traces.push(trace);
    }
    return trace;
  }

  #addTerm({ terms }: TraceFact, term: string): void {
    const ordinal = this.#ordinalOf.get(term);
    if (ordinal !== undefined && terms.includes(ordinal)) return;
    this.#pairs += 1;
    if (ordinal === undefined) {
      this.#ordinalOf.set(term, this.#terms.length);
      terms.push(this.#terms.length);
      this.#terms.push(term);
    } else terms.push(ordinal);
  }
}

/** A condition of a query, in terms of an index. */
export interface TermCondition {
  /** The one term that meets it. */
  readonly term: string;
  /** Tells of each term whether it does, where several may. */
  readonly isMetBy?: ((term: string) => boolean) | undefined;
}

/** The conditions of a query that terms can tell about; times and status are none of them. */
export function termConditions(query: TraceListQuery): TermCondition[] {
  const { queue, entityId, tag, eventType, linkedTo, text, attributes } = query;
  const conditions: TermCondition[] = [];
  if (queue !== undefined) conditions.push({ term: termOf('queue', queue) });
  if (entityId !== undefined) conditions.push({ term: termOf('id', entityId) });
  if (tag !== undefined) conditions.push({ term: termOf('tag', tag) });
  if (eventType !== undefined) conditions.push({ term: termOf('type', eventType) });
  if (linkedTo !== undefined) conditions.push({ term: termOf('link', linkedTo) });
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== undefined) conditions.push({ term: termOf('attribute', JSON.stringify([name, value])) });
  }
  if (text !== undefined) {
    const wanted = text.toLowerCase();
    conditions.push({
      term: '',
      isMetBy: (term) => term.startsWith('text ') && term.includes(wanted, 'text '.length),
    });
  }
  return conditions;
}

function forEachTerm(event: TraceEvent, visit: (term: string) => void): void {
  visit(termOf('type', event.event_type));
  for (const tag of event.tags ?? []) visit(termOf('tag', tag));
  const entity = entityOf(event);
  if (entity !== undefined) visit(termOf('id', entity.id));
  if (entity?.queue !== undefined) visit(termOf('queue', entity.queue));
  for (const { trace_id } of linksOf(event)) visit(termOf('link', trace_id));
  for (const text of textsOf(event)) visit(`text ${text.toLowerCase()}`);
  const attributes: unknown = event.data?.attributes;
  if (typeof attributes !== 'object' || attributes === null) return;
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value !== 'object') visit(termOf('attribute', JSON.stringify([name, value])));
  }
}

function termOf(kind: string, value: unknown): string {
  const text = typeof value === 'string' ? value : '';
  return text.length <= MAX_VALUE ? `${kind} ${text}` : `${kind} ${text.slice(0, MAX_VALUE)} ${text.length}`;
}
