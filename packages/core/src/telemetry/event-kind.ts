import { demandOption } from '../errors/demand-option.ts';
import type { Attributes } from './attributes.ts';

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
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for an instrument that no meter would take: a kind or a name that
 * does not exist, a name given twice, bucket boundaries out of order, a reader that is not a function
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
  demand(typeof name === 'string' && name !== '', 'name', name, 'a name such as "worker.fetch"');
  demand(Array.isArray(instruments), 'instruments', instruments, 'an array');
  instruments.forEach(checkInstrument);
  return Object.freeze({
    name,
    instruments: Object.freeze(instruments.map((each) => Object.freeze({ ...each }))),
  });
}

/** @see {@link https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax | OpenTelemetry: instrument name syntax} */
const instrumentName = /^[a-z][\w./-]{0,254}$/i;
const instrumentKinds: readonly unknown[] = ['counter', 'up_down_counter', 'histogram'];

function checkInstrument(instrument: unknown, index: number, all: readonly unknown[]): void {
  const path = `instruments[${index}]`;
  demand(typeof instrument === 'object' && instrument !== null, path, instrument, 'an instrument');
  const { kind, name, unit, buckets, value, attributes } = instrument as Record<string, unknown>;
  const isFirst = all.slice(0, index).every((other) => (other as { readonly name: unknown }).name !== name);
  demand(instrumentKinds.includes(kind), `${path}.kind`, kind, '"counter", "up_down_counter" or "histogram"');
  demand(isInstrumentName(name), `${path}.name`, name, 'a letter and up to 254 of A-Z a-z 0-9 _ . - /');
  demand(isFirst, `${path}.name`, name, 'each name once');
  demand(typeof unit === 'string', `${path}.unit`, unit, 'a UCUM unit such as "s" or "{message}"');
  demand(isFunction(value), `${path}.value`, value, 'a function');
  demand(isAbsentOr(attributes, isFunction), `${path}.attributes`, attributes, 'a function');
  demand(isAbsentOr(buckets, isAscending), `${path}.buckets`, buckets, 'finite numbers in ascending order');
  demand(
    isAbsentOr(buckets, () => kind === 'histogram'),
    `${path}.buckets`,
    buckets,
    'buckets to histograms only',
  );
}

function isInstrumentName(name: unknown): boolean {
  return typeof name === 'string' && instrumentName.test(name);
}

function isAbsentOr(value: unknown, accept: (value: unknown) => boolean): boolean {
  return value === undefined || accept(value);
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function isAscending(buckets: unknown): boolean {
  return (
    Array.isArray(buckets) &&
    buckets.every((bound, i) => Number.isFinite(bound) && !(bound <= buckets[i - 1]))
  );
}

function demand(isMet: boolean, option: string, received: unknown, expected: string): void {
  demandOption(isMet, `defineEventKind.${option}`, received, expected);
}
