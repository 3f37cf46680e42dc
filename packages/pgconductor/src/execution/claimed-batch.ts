/** The columns of the answer of `claim`: JSON arrays with one element per execution, `null` where all are the same. */
export interface ClaimAnswer {
  readonly lease: string;
  readonly claimed_at: string;
  readonly count: number;
  readonly ids: string;
  /** Places in the list of tasks that was asked for, from 1. */
  readonly tasks: string;
  readonly attempts: string | null;
  readonly failures: string | null;
  readonly payloads: string;
  /** 1 where there is no payload, which is not `null`. */
  readonly absent: string | null;
  readonly gates: string | null;
  readonly triggers: string | null;
  readonly times: string | null;
  readonly traces: string | null;
}

/** `[carrier it was invoked with, that of the run before, earlier ones that were replaced]` */
export type CarriedTraces = readonly [context: unknown, last: unknown, earlier: readonly unknown[] | null];

/**
 * What one claim took, folded into columns: the n-th element of each is of the n-th execution. Nothing is made per
 * execution until it runs.
 */
export class ClaimedBatch {
  readonly lease: number;
  /** By the database's clock; milliseconds since the epoch. */
  readonly claimedAt: number;
  readonly count: number;
  readonly ids: readonly number[];
  readonly tasks: readonly number[];
  readonly attempts: readonly number[] | null;
  readonly failures: readonly number[] | null;
  readonly payloads: readonly unknown[];
  readonly absent: readonly number[] | null;
  readonly gates: readonly (string | null)[] | null;
  readonly triggers: readonly (string | null)[] | null;
  /** When it was enqueued and when it was due, in turn; absent unless asked for. */
  readonly times: readonly number[] | null;
  readonly traces: readonly CarriedTraces[] | null;
  /** Characters of all payloads. */
  readonly size: number;
  /** How many have been started or given back. */
  taken = 0;
  /** How many are not settled yet; the lease can go when there are none. */
  open: number;

  /** How many were asked for. */
  readonly limit: number;
  /** By the clock of this process that never goes back. */
  readonly arrivedAt: number = performance.now();

  constructor(answer: ClaimAnswer, limit: number) {
    this.limit = limit;
    this.lease = Number(answer.lease);
    this.claimedAt = Number(answer.claimed_at);
    this.count = answer.count;
    this.open = answer.count;
    this.ids = JSON.parse(answer.ids);
    this.tasks = JSON.parse(answer.tasks);
    this.attempts = parse(answer.attempts);
    this.failures = parse(answer.failures);
    this.payloads = JSON.parse(answer.payloads);
    this.absent = parse(answer.absent);
    this.gates = parse(answer.gates);
    this.triggers = parse(answer.triggers);
    this.times = parse(answer.times);
    this.traces = parse(answer.traces);
    this.size = answer.payloads.length;
  }
}

function parse<Column>(text: string | null): Column | null {
  return text === null ? null : JSON.parse(text);
}
