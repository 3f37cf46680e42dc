import type { NotedEnding } from '../telemetry/noted-ending.ts';

/** What another process asks of a worker. */
export interface Signal {
  readonly id: number;
  readonly kind: string;
  /** Id of the execution that it is about. */
  readonly execution: number | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
  /** For how long it has been on its way. */
  readonly ageMs: number;
}

/** The answer of the function `pulse`. */
export interface PulseAnswer {
  /** The leases of this worker that still hold; `null` when they were not renewed. */
  readonly leases: readonly number[] | null;
  readonly signals: readonly Signal[];
  /** What ended without a run, for whoever tells of it. */
  readonly endings: readonly NotedEnding[];
}
