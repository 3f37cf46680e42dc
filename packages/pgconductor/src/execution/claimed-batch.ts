import { CarriedTraces } from './carried-traces.ts';
import { type KeptSteps, keptSteps } from './kept-step.ts';

/** The columns of the answer of `claim`, JSON arrays but for the first three. */
export interface ClaimAnswer {
  readonly lease: string;
  readonly claimed_at: string;
  readonly count: number;
  readonly ids: string;
  /** Places in the list of tasks that was asked for, from 1; `null` when there is only one. */
  readonly tasks: string | null;
  readonly payloads: string;
  readonly starts: string | null;
  readonly marks: string | null;
  readonly steps: string | null;
  readonly traces: string | null;
}

/** `[id, attempt, earlier failures]` of an execution that was claimed before. */
type Start = readonly [id: number, attempt: number, failures: number];
/** What only some executions have. */
type Mark = readonly [
  id: number,
  gate: string | null,
  trigger: string | null,
  isWithoutPayload: boolean,
  hasParent: boolean,
];

/**
 * What one claim took, folded into columns: the n-th element of each is of the n-th execution. Nothing is made per
 * execution until it runs.
 */
export class ClaimedBatch {
  readonly lease: number;
  /** By the database's clock; milliseconds since the epoch. */
  readonly claimedAt: number;
  readonly count: number;
  /** How many were asked for. */
  readonly limit: number;
  readonly ids: readonly number[];
  readonly tasks: readonly number[] | null;
  readonly payloads: readonly unknown[];
  /** Absent unless asked for. */
  readonly traces: CarriedTraces | undefined;
  /** Characters of all payloads and steps. */
  readonly size: number;
  /** By the clock of this process that never goes back. */
  readonly arrivedAt: number = performance.now();
  /** How many have been started or given back. */
  taken = 0;
  /** How many are not settled yet; the lease can go when there are none. */
  open: number;
  /** Whether some of it could not be settled: then the lease stays, for recovery to find that by. */
  isForsaken = false;
  readonly #starts: ReadonlyMap<number, Start> | undefined;
  readonly #marks: ReadonlyMap<number, Mark> | undefined;
  readonly #steps: ReadonlyMap<number, KeptSteps> | undefined;

  constructor(answer: ClaimAnswer, limit: number) {
    this.lease = Number(answer.lease);
    this.claimedAt = Number(answer.claimed_at);
    this.count = answer.count;
    this.limit = limit;
    this.open = answer.count;
    this.ids = JSON.parse(answer.ids);
    this.tasks = answer.tasks === null ? null : JSON.parse(answer.tasks);
    this.payloads = JSON.parse(answer.payloads);
    this.traces = answer.traces === null ? undefined : new CarriedTraces(answer.traces);
    this.size = answer.payloads.length + (answer.steps?.length ?? 0);
    this.#starts = byId<Start>(answer.starts);
    this.#marks = byId<Mark>(answer.marks);
    this.#steps = answer.steps === null ? undefined : keptSteps(answer.steps);
  }

  /** Which claim of that execution this is, from 1. */
  attemptOf(id: number): number {
    return this.#starts?.get(id)?.[1] ?? 1;
  }

  /** How often it has failed before. */
  failuresOf(id: number): number {
    return this.#starts?.get(id)?.[2] ?? 0;
  }

  /** Through which gate it came; `null` for none. */
  gateOf(id: number): string | null {
    return this.#marks?.get(id)?.[1] ?? null;
  }

  /** The name of its event; `null` for an invocation. */
  triggerOf(id: number): string | null {
    return this.#marks?.get(id)?.[2] ?? null;
  }

  /** Whether it has no payload, which is not `null`. */
  isWithoutPayload(id: number): boolean {
    return this.#marks?.get(id)?.[3] ?? false;
  }

  /** Whether another execution waits for it. */
  hasParent(id: number): boolean {
    return this.#marks?.get(id)?.[4] ?? false;
  }

  /** What its earlier runs kept; `undefined` for nothing. */
  stepsOf(id: number): KeptSteps | undefined {
    return this.#steps?.get(id);
  }
}

function byId<Row extends readonly [id: number, ...rest: unknown[]]>(
  text: string | null,
): ReadonlyMap<number, Row> | undefined {
  if (text === null) return undefined;
  return new Map((JSON.parse(text) as readonly Row[]).map((row) => [row[0], row]));
}
