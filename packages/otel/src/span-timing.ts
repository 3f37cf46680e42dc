import type { SpanOptions } from '@throughline/core';
import { exportableTime } from './exportable-time.ts';

/**
 * The times of a span that was given its start. Without an end of its own it ends at the start plus what has passed
 * since, measured by the monotonic clock: the SDK would read the wall clock in whole milliseconds, which may lie before
 * the start. A point ends when it starts.
 */
export class SpanTiming {
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  readonly isPoint: boolean;
  readonly #alreadyPassed: number;
  readonly #mark: number;

  constructor(startTime: number, isPoint: boolean) {
    this.startTime = startTime;
    this.isPoint = isPoint;
    this.#alreadyPassed = Math.max(0, Date.now() - startTime);
    this.#mark = performance.now();
  }

  /** @param given the end that the source states, in milliseconds since the epoch */
  endTime(given: number | undefined): number {
    if (this.isPoint) return this.startTime;
    return given ?? this.startTime + this.#alreadyPassed + (performance.now() - this.#mark);
  }
}

/** `undefined` for a span that starts now: its times are the SDK's. A point needs a start to end at. */
export function timingOf({ startTime, eventType }: SpanOptions): SpanTiming | undefined {
  const given = exportableTime(startTime);
  if (eventType !== undefined) return new SpanTiming(given ?? Date.now(), true);
  return given === undefined ? undefined : new SpanTiming(given, false);
}
