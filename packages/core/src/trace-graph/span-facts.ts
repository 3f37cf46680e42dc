import type { TraceEvent, TraceEventData } from '../events/trace-event.ts';
import {
  canceled,
  completed,
  failed,
  isTerminal,
  type PhaseCode,
  phaseOf,
  progress,
  queued,
  retrying,
  stalled,
  started,
  suspended,
} from './phase.ts';

/*
 * What can be said about a span by one bit each: the union over its events, whatever their order and number. Bits
 * answer most questions, so that most spans are never looked at closely.
 */

/** Bits 0 to 9: the phases seen. */
function bitOf(phase: PhaseCode): number {
  return 1 << phase;
}

const claimsFailed: number = 1 << 10;
export const hasEntity: number = 1 << 11;
export const isStep: number = 1 << 12;
export const isUndoing: number = 1 << 13;
export const hasLinks: number = 1 << 14;
/** Events of the span do not name the same parent, or not all name one. */
export const parentsDiffer: number = 1 << 15;

export const isGap: number = 1 << 16;
/** It says that its trace continues another one. */
export const isContinuing: number = 1 << 17;

const ending =
  bitOf(suspended) | bitOf(retrying) | bitOf(stalled) | bitOf(completed) | bitOf(canceled) | bitOf(failed);
const running = bitOf(started) | bitOf(progress);

export function hasEnded(facts: number): boolean {
  return (facts & ending) !== 0;
}

export function hasStarted(facts: number): boolean {
  return (facts & running) !== 0;
}

/** Started, and no event says that it ended. */
export function isRunning(facts: number): boolean {
  return hasStarted(facts) && !hasEnded(facts);
}

export function hasStalled(facts: number): boolean {
  return (facts & bitOf(stalled)) !== 0;
}

export function isQueued(facts: number): boolean {
  return (facts & bitOf(queued)) !== 0;
}

/** Whether the span completed, with nothing that would make one look closer. */
export function hasPlainlyCompleted(facts: number): boolean {
  if ((facts & claimsFailed) !== 0) return false;
  return hasEnded(facts) ? (facts & ending) === bitOf(completed) : !hasStarted(facts);
}

/** The facts that one event adds. */
export function factsOf(event: TraceEvent): number {
  const type = event.event_type;
  const phase = phaseOf(type);
  let facts = bitOf(phase);
  if (event.status === 'failed') facts |= claimsFailed;
  if (type.charCodeAt(0) === letterS && isStepType(type, phase)) facts |= isStep;
  if (type === 'throughline:gap') facts |= isGap;
  else if (type === 'throughline:continues') facts |= isContinuing;
  const { data } = event;
  if (typeof data !== 'object' || data === null) return facts;
  // Enumerating the few keys that are there is cheaper than asking objects of many shapes for keys that are not.
  for (const key in data) facts |= factOf(key, data);
  return facts;
}

function factOf(key: string, data: TraceEventData): number {
  switch (key) {
    case 'entity':
      return data.entity === undefined ? 0 : hasEntity;
    case 'original_span_id':
      return isUndoing;
    case 'links':
      return hasLinks;
    case 'step':
      return data.step === true ? isStep : 0;
    default:
      return 0;
  }
}

const letterS = 115;

/** `stage:credit:started` has a step as its subject, `stage:started` has not, and `stage:credit:note` is only a remark. */
function isStepType(type: string, phase: PhaseCode): boolean {
  const subjectEnds = type.lastIndexOf(':');
  const isNamed =
    (type.startsWith('stage:') && subjectEnds > 5) || (type.startsWith('step:') && subjectEnds > 4);
  return isNamed && (isTerminal(phase) || phase === started || phase === progress);
}
