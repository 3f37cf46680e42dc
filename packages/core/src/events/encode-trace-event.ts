import { copyTraceEvent } from './copy-trace-event.ts';
import { eventId } from './event-id.ts';
import { frozen } from './frozen.ts';
import type { TraceEventReading } from './parse-trace-event.ts';

export interface EncodeOptions {
  /** Cap of `data` as JSON in UTF-8, in bytes. @default 8192 */
  readonly maxDataBytes?: number | undefined;
}

/**
 * Makes the form in which an event is stored: plain JSON data without behaviour, capped, and with an `event_id`.
 *
 * Safe for anything: cycles, BigInt, errors with causes, getters and `toJSON` that throw, proxies, maps, halves of
 * surrogate pairs, NUL, `__proto__` keys, texts of any length. `data` keeps within its cap: reserved keys stay, user
 * keys are cut, largest first, and `data.truncated` is set. The copy is frozen and shares nothing with `event`,
 * `JSON.stringify` cannot fail on it, and encoding it again gives it back as it is: call this first in `TraceStore.append`. Redaction
 * happened before, in the `EventWriter`.
 *
 * @example
 * ```ts
 * import { encodeTraceEvent, type TraceEvent } from '@throughline/core/events';
 *
 * declare const event: TraceEvent;
 * const { event: safe, reason } = encodeTraceEvent(event);
 * console.log(safe === undefined ? reason : JSON.stringify(safe));
 * ```
 */
export function encodeTraceEvent(event: unknown, { maxDataBytes }: EncodeOptions = {}): TraceEventReading {
  const copy = copyTraceEvent(event, maxDataBytes);
  if (typeof copy === 'string') return { reason: copy };
  if (copy !== event) {
    copy.event_id ??= eventId(copy);
    frozen(copy);
  }
  return { event: copy };
}
