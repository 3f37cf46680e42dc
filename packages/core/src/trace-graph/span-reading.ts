import type { StoredEntity, TraceEvent, TraceEventData } from '../events/trace-event.ts';
import { distinctEvents } from './distinct-events.ts';
import { asEntity, asNumber, asText } from './event-data.ts';
import { compareEvents, compareNumbers, compareWithinSpan, isAscending } from './event-order.ts';
import { free, isFinal, isTerminal, type PhaseCode, phaseOf } from './phase.ts';

/**
 * What the events of one span say together: a minimum, a maximum, a union, or the first in order, so the order of arrival
 * leaves no trace.
 */
export class SpanReading {
  /** Queued, started, what came between, end; without duplicates. */
  readonly events: readonly TraceEvent[];
  readonly duplicates: number;
  parentSpanId: string | undefined;
  attempt: number | undefined;
  entity: StoredEntity | undefined;
  originalSpanId: string | undefined;
  /** Two events name different parents. */
  parentsDiffer = false;
  /** Two events of the latest attempt end the span in different ways. */
  endsDiffer = false;
  /** The event of a terminal phase that counts: of the latest attempt, the weightiest, the last. */
  end: TraceEvent | undefined;
  endPhase: PhaseCode = free;

  /** @param arrived in order of arrival */
  constructor(arrived: TraceEvent[]) {
    const events = distinctEvents(arrived);
    if (!isAscending(events, compareWithinSpan)) events.sort(compareWithinSpan);
    this.events = events;
    this.duplicates = arrived.length - events.length;
    for (const event of events) this.#take(event);
  }

  #take(event: TraceEvent): void {
    const parent = asText(event.parent_span_id);
    if (parent !== undefined && parent !== this.parentSpanId) this.#takeParent(parent);
    if (typeof event.data === 'object' && event.data !== null) this.#takeData(event.data);
    const phase = phaseOf(event.event_type);
    if (isTerminal(phase)) this.#takeEnd(event, phase);
  }

  #takeParent(parent: string): void {
    if (this.parentSpanId === undefined) this.parentSpanId = parent;
    else this.parentsDiffer = true;
  }

  #takeData({ entity, attempt, original_span_id: original }: TraceEventData): void {
    this.entity ??= asEntity(entity);
    if (typeof attempt === 'number' && attempt > (this.attempt ?? 0)) this.attempt = attempt;
    this.originalSpanId ??= asText(original);
  }

  #takeEnd(event: TraceEvent, phase: PhaseCode): void {
    const { end } = this;
    const later = end === undefined ? 1 : compareNumbers(attemptOf(event), attemptOf(end));
    if (later > 0) this.endsDiffer = false;
    else if (later === 0 && phase !== this.endPhase && isFinal(phase) && isFinal(this.endPhase))
      this.endsDiffer = true;
    const wins = later || phase - this.endPhase || (end === undefined ? 1 : compareEvents(event, end));
    if (wins <= 0) return;
    this.end = event;
    this.endPhase = phase;
  }
}

function attemptOf(event: TraceEvent): number {
  return asNumber(event.data?.attempt) ?? 0;
}
