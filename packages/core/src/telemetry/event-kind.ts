import type { Attributes } from './telemetry.ts';

/** A metric that is fed from a {@link TelemetryEventKind}. */
export interface EventInstrument<E extends object> {
  readonly kind: 'counter' | 'up_down_counter' | 'histogram';
  readonly name: string;
  /** A UCUM unit: `s`, `By`, `{message}`. */
  readonly unit: string;
  readonly description?: string | undefined;
  /** Explicit histogram bucket boundaries, in `unit`. */
  readonly buckets?: readonly number[] | undefined;
  /** Reads the value from the event; `undefined` records nothing. */
  readonly value: (event: E) => number | undefined;
  /**
   * Reads the attributes from the event. Return the same frozen object for the same combination of values:
   * sinks may cache by identity.
   */
  readonly attributes?: ((event: E) => Attributes) | undefined;
}

/** A kind of measured occurrence: data beside the source that emits it, so that no sink needs to know the source. */
export interface TelemetryEventKind<E extends object> {
  readonly name: string;
  readonly instruments: readonly EventInstrument<E>[];
}

/**
 * Declares a kind of measured occurrence with the metrics it feeds.
 *
 * @param name unique name, dotted: `worker.fetch`
 * @example
 * ```ts
 * import { defineEventKind } from '@throughline/core';
 *
 * interface WorkerFetch { queue: string; count: number; durationSeconds: number }
 * const byQueue = (event: WorkerFetch) => ({ 'messaging.destination.name': event.queue });
 *
 * export const workerFetch = defineEventKind<WorkerFetch>('worker.fetch', [
 *   { kind: 'counter', name: 'messaging.client.consumed.messages', unit: '{message}', value: (event) => event.count, attributes: byQueue },
 * ]);
 * ```
 */
export function defineEventKind<E extends object>(
  name: string,
  instruments: readonly EventInstrument<E>[],
): TelemetryEventKind<E> {
  return Object.freeze({ name, instruments: Object.freeze([...instruments]) });
}
