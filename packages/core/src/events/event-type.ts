/** The two halves of an `event_type`. */
export interface EventType {
  /** What it happened to: `job`, `stage:credit`. */
  readonly subject: string;
  /** What happened: `started`, `completed`, `decision`; empty when the type has no colon. */
  readonly phase: string;
}

/**
 * Splits an `event_type` at its last colon, because subjects may have colons of their own.
 *
 * @example
 * ```ts
 * import { splitEventType } from '@throughline/core/events';
 *
 * splitEventType('stage:credit:failed'); // { subject: 'stage:credit', phase: 'failed' }
 * ```
 */
export function splitEventType(type: string): EventType {
  const colon = type.lastIndexOf(':');
  if (colon < 0) return { subject: type, phase: '' };
  return { subject: type.slice(0, colon), phase: type.slice(colon + 1) };
}
