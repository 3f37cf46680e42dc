import type { ConformanceCase } from '../suite/run-suite.ts';
import type { StoreFeature } from './trace-store-harness.ts';
import type { TraceStoreWorld } from './trace-store-world.ts';

/** A case of the store suite. */
export type StoreCase = ConformanceCase<TraceStoreWorld, StoreFeature>;
