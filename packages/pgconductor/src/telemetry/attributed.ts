import type { Attributes } from '@throughline/core';

/** Something that was measured. */
export interface Attributed {
  /** The same frozen object for the same combination of values. */
  readonly attributes: Attributes;
}

/** Of a measurement. */
export const attributes = (event: Attributed): Attributes => event.attributes;
/** As the convention wants durations. */
export const seconds = (event: { readonly durationMs: number }): number => event.durationMs / 1_000;

/**
 * Boundaries in seconds that the convention advises for messaging durations.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/ | Messaging metrics}
 */
export const durationBuckets: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];
/** Statements of a healthy database take a fraction of a millisecond. */
export const queryBuckets: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
