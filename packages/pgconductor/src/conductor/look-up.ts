import { query } from '../database/query.ts';
import { demandExecutionId } from '../options/demand-execution-id.ts';
import type { ConductorCore } from './conductor-core.ts';

/** Where an execution is in its life; the last three end it. */
export type ExecutionState =
  | 'ready'
  | 'running'
  /** Not due yet: later, or after a failure. */
  | 'scheduled'
  | 'sleeping'
  /** For children or an event. */
  | 'waiting'
  /** For a limit or a window. */
  | 'gated'
  /** For the running execution with its dedupe key. */
  | 'succeeding'
  | 'completed'
  | 'failed'
  | 'canceled';

/** An execution, as the database knows it. */
export interface ExecutionRecord {
  readonly id: string;
  readonly task: string;
  readonly queue: string;
  readonly state: ExecutionState;
  /** How often it has been started. */
  readonly attempt: number;
  readonly failures: number;
  readonly priority: number;
  /** Id of the execution whose child it is. */
  readonly parent: string | undefined;
  readonly dedupeKey: string | undefined;
  /** Of what triggered it: `pgconductor.invoke`, or the name of the event, the schedule or the row change. */
  readonly event: string;
  readonly enqueuedAt: Date;
  /** When it is due, or was; `undefined` while it waits for something without a limit. */
  readonly runAt: Date | undefined;
  readonly finishedAt: Date | undefined;
  /** As it was given; `null` also for none. */
  readonly payload: unknown;
  /** What its handler returned; `null` also for nothing. */
  readonly result: unknown;
  /** What it failed with last: `type`, `message` and, where there is one, `code`. */
  readonly error: Readonly<Record<string, unknown>> | undefined;
}

type Absent = 'parent' | 'dedupeKey' | 'error';
type Moment = 'enqueuedAt' | 'runAt' | 'finishedAt';

/** As JSON tells it. */
type LookedUp = Omit<ExecutionRecord, Absent | Moment> & {
  readonly [Field in Absent]: Exclude<ExecutionRecord[Field], undefined> | null;
} & { readonly enqueuedAt: number; readonly runAt: number | null; readonly finishedAt: number | null };

/** @returns `undefined` when it never was, or was not kept */
export async function lookUp(
  { database, queries, schema }: ConductorCore,
  executionId: string,
): Promise<ExecutionRecord | undefined> {
  demandExecutionId('get.executionId', executionId);
  await schema.ready();
  const { answer } = await query<{ answer: string | null }>(database.sql, queries.lookUp, [executionId]);
  if (answer === null) return undefined;
  return recordOf(JSON.parse(answer));
}

function recordOf(found: LookedUp): ExecutionRecord {
  return {
    ...found,
    parent: found.parent ?? undefined,
    dedupeKey: found.dedupeKey ?? undefined,
    error: found.error ?? undefined,
    enqueuedAt: new Date(found.enqueuedAt),
    runAt: dateOf(found.runAt),
    finishedAt: dateOf(found.finishedAt),
  };
}

function dateOf(moment: number | null): Date | undefined {
  return moment === null ? undefined : new Date(moment);
}
