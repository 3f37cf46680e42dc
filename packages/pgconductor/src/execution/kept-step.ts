/** What a name was used for. */
export type StepKind = 'step' | 'sleep' | 'child' | 'event';

/** As messages say it. */
export const usesOfNames: Readonly<Record<StepKind, string>> = {
  step: 'a step',
  sleep: 'a sleep',
  child: 'a child',
  event: 'a wait for an event',
};

/** How it went: `none` without a value, `done` with one, `failed` with an error, `timeout` when nothing came in time. */
type StepOutcome = 'none' | 'done' | 'failed' | 'timeout';

/** What the runs of an execution have kept under one name. */
export interface KeptStep {
  readonly kind: StepKind;
  /** `null` while it is open: what it waits for has not come. */
  readonly outcome: StepOutcome | null;
  /** `undefined` where there is none. */
  readonly value: unknown;
  /** As the failed child left it. */
  readonly error: unknown;
  /** Id of the child. */
  readonly child: number | null;
  /** Carrier of the span that invoked a child that failed. */
  readonly trace: unknown;
}

/** By name. */
export type KeptSteps = ReadonlyMap<string, KeptStep>;

type Row = readonly [
  execution: number,
  key: string,
  kind: StepKind,
  outcome: StepOutcome | null,
  value: unknown,
  error: unknown,
  child: number | null,
  trace: unknown,
];

/** Reads what the claim says of the steps of its executions. */
export function keptSteps(text: string): ReadonlyMap<number, KeptSteps> {
  const steps = new Map<number, Map<string, KeptStep>>();
  for (const [execution, key, kind, outcome, value, error, child, trace] of JSON.parse(
    text,
  ) as readonly Row[]) {
    const own = steps.get(execution) ?? new Map<string, KeptStep>();
    own.set(key, { kind, outcome, value: outcome === 'done' ? value : undefined, error, child, trace });
    steps.set(execution, own);
  }
  return steps;
}
