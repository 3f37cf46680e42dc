import {
  matchesTraceQuery,
  pageOfTraces,
  summarizeTrace,
  type TraceEvent,
  type TraceListPage,
  type TraceListQuery,
  type TraceSummary,
} from '@throughline/core/events';
import { type TermCondition, type TraceFacts, termConditions } from './trace-facts.ts';
import { type TraceKey, traceIdOf, traceKey } from './trace-key.ts';

/** What all segments together know of a trace. A summary as far as facts can tell: enough to put it in order. */
interface Candidate extends TraceSummary {
  startedAt: number;
  lastAt: number;
  isDated: boolean;
  hasFailed: boolean;
  mayBeOpen: boolean;
  /** One bit for each condition that an event somewhere meets. */
  met: number;
}

/** As many conditions as a number has bits; the events decide on further ones. */
const MAX_CONDITIONS = 30;

/**
 * Finds the traces of a query: the facts of all segments tell which ones can be meant and in which order, and only the
 * events of the page itself are read.
 */
export class TraceSearch {
  readonly #query: TraceListQuery;
  readonly #conditions: readonly TermCondition[];
  readonly #candidates = new Map<TraceKey, Candidate>();

  constructor(query: TraceListQuery) {
    this.#query = query;
    this.#conditions = termConditions(query).slice(0, MAX_CONDITIONS);
  }

  /** Called once for each segment. */
  add(facts: TraceFacts): void {
    const meeting = this.#conditions.map((condition) => facts.meeting(condition));
    for (const { key, from, to, failed, open, terms } of facts.traces) {
      const candidate = this.#candidate(key);
      if (from !== null && to !== null) widen(candidate, from, to);
      candidate.hasFailed ||= failed;
      candidate.mayBeOpen ||= open === null || open.length > 0;
      for (const [bit, ordinals] of meeting.entries()) {
        if (terms.some((term) => ordinals.has(term))) candidate.met |= 1 << bit;
      }
    }
  }

  /** @param read gives the events of a trace, each once */
  async page(read: (key: TraceKey) => Promise<TraceEvent[]>): Promise<TraceListPage> {
    const { limit = 100 } = this.#query;
    const found: TraceSummary[] = [];
    for (const { traceId } of this.#inOrder()) {
      if (found.length > limit) break;
      const events = await read(traceKey(traceId));
      const summary = summarizeTrace(traceId, events);
      if (events.length > 0 && matchesTraceQuery(summary, events, this.#query)) found.push(summary);
    }
    return pageOfTraces(found, this.#query);
  }

  /** Newest first, those after the cursor. */
  #inOrder(): readonly TraceSummary[] {
    const possible = [...this.#candidates.values()].filter((candidate) => this.#isPossible(candidate));
    const { cursor } = this.#query;
    return pageOfTraces(possible, { cursor, limit: possible.length }).traces;
  }

  #isPossible({ startedAt, lastAt, hasFailed, mayBeOpen, met }: Candidate): boolean {
    const { status, since, until } = this.#query;
    return (
      met === 2 ** this.#conditions.length - 1 &&
      (since === undefined || lastAt >= since) &&
      (until === undefined || startedAt < until) &&
      (status === undefined || hasFailed === (status === 'failed')) &&
      (status !== 'open' || mayBeOpen)
    );
  }

  #candidate(key: TraceKey): Candidate {
    let candidate = this.#candidates.get(key);
    if (candidate === undefined) {
      candidate = {
        traceId: traceIdOf(key),
        startedAt: 0,
        lastAt: 0,
        isDated: false,
        hasFailed: false,
        mayBeOpen: false,
        met: 0,
        events: 0,
        entities: [],
        status: 'open',
      };
      this.#candidates.set(key, candidate);
    }
    return candidate;
  }
}

function widen(candidate: Candidate, from: number, to: number): void {
  candidate.startedAt = candidate.isDated ? Math.min(candidate.startedAt, from) : from;
  candidate.lastAt = candidate.isDated ? Math.max(candidate.lastAt, to) : to;
  candidate.isDated = true;
}
