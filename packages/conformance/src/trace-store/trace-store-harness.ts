import type { StoreCapabilities, TraceStore } from '@throughline/core/events';
import type { SuiteOptions } from '../suite/run-suite.ts';
import type { Awaitable } from '../suite/test-function.ts';

/**
 * How the suite gets at a store of yours.
 *
 * A *place* is where stored events are: a directory, a schema, a container. Every case gets an empty one of its own. A
 * store without places keeps its events in the object: leave `createPlace` out, and each `open` is an empty store.
 */
export interface TraceStoreHarness<Place = undefined> extends SuiteOptions {
  /** Opens a store over a place. Called several times for one place: as a restart does, and as other processes do. */
  open(place: Place): Awaitable<TraceStore>;
  /** Makes an empty place. Without it, what is stored ends with the object that `open` gives. */
  createPlace?: (() => Awaitable<Place>) | undefined;
  /** Removes a place, after all stores over it were closed. */
  removePlace?: ((place: Place) => Awaitable<unknown>) | undefined;
  /**
   * Makes the place unreachable, as when a server is down; returns what makes it reachable again. Without it the suite
   * cannot prove what a store does then.
   */
  interrupt?: ((place: Place) => Awaitable<() => Awaitable<unknown>>) | undefined;
  /**
   * What the store is not meant to do, as it says in its own `capabilities`. You say it here, so that a store which gives
   * up something by mistake does not pass. @default it can do everything
   */
  readonly capabilities?: StoreCapabilities | undefined;
  /** Whether the store has `appendSync`. @default false: the suite then proves that it has none */
  readonly appendSync?: boolean | undefined;
  /**
   * The most events that a tail keeps for a reader which does not keep up, where there is such a number.
   *
   * @default not proven
   */
  readonly tailLimit?: number | undefined;
  /** The size of the large trace. @default 10_000 */
  readonly largeTraceEvents?: number | undefined;
}

/** What a case may need. */
export type StoreFeature = 'place' | 'interrupt' | 'tailLimit' | 'appendSync' | keyof StoreCapabilities;

/** Why a feature is not offered. */
export function lackingFeatures<Place>(
  harness: TraceStoreHarness<Place>,
): Partial<Record<StoreFeature, string>> {
  const { capabilities = {}, createPlace, interrupt, tailLimit, appendSync } = harness;
  const lacking: Partial<Record<StoreFeature, string>> = {};
  for (const capability of capabilityNames) {
    if (capabilities[capability] === false) lacking[capability] = `capabilities.${capability} is false`;
  }
  if (createPlace === undefined) lacking.place = 'the harness has no createPlace';
  if (interrupt === undefined) lacking.interrupt = 'the harness has no interrupt';
  if (tailLimit === undefined) lacking.tailLimit = 'the harness has no tailLimit';
  if (appendSync !== true) lacking.appendSync = 'the harness does not say appendSync';
  return lacking;
}

/** Everything that a store may exclude. */
export const capabilityNames: readonly (keyof StoreCapabilities)[] = [
  'listTraces',
  'tail',
  'text',
  'linkedTo',
];
