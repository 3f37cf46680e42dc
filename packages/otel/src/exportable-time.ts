/** 2^64 nanoseconds: the last instant that OTLP's unsigned 64-bit field can hold. */
const LAST_MILLISECOND = 2 ** 64 / 1e6;

/**
 * The time when it can be exported, else `undefined`, which means now.
 *
 * Times come from queues and from users. One `NaN` or negative time makes an exporter throw, and with it every other
 * span of its batch is lost.
 */
export function exportableTime(time: number | undefined): number | undefined {
  return time !== undefined && time > 0 && time < LAST_MILLISECOND ? time : undefined;
}
