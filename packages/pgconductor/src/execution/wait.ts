/** What a run waits for when it is suspended, as the database takes it. */
export type Wait = SleepWait | ChildWait | EventWait;

interface AnyWait {
  /** The name that the handler gave it. */
  readonly key: string;
  /** Whether an earlier run has begun it. */
  readonly known: boolean;
}

/** Until a time has come. */
interface SleepWait extends AnyWait {
  readonly kind: 'sleep';
  readonly delayMs?: number | undefined;
  /** Since the epoch. */
  readonly untilMs?: number | undefined;
}

/** Until a child is over; one that is not known is started. */
export interface ChildWait extends AnyWait {
  readonly kind: 'child';
  readonly task?: string | undefined;
  /** Of a task that no orchestrator has told of yet. */
  readonly queue?: string | undefined;
  readonly payload?: unknown;
  /** Whether there is none, which is not `null`. */
  readonly absent?: boolean | undefined;
  /** Its carrier. */
  readonly trace?: object | undefined;
  readonly priority?: number | undefined;
  /** How long it is waited for. */
  readonly delayMs?: number | undefined;
}

/** Until an event comes; the wait itself has been kept before. */
interface EventWait extends AnyWait {
  readonly kind: 'event';
  readonly known: true;
}
