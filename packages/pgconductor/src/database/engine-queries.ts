import type { Query, QueryDone } from './query.ts';
import { type TriggerQueries, triggerQueries } from './trigger-queries.ts';

/** The statements of the engine: each calls one function of the schema. */
export interface EngineQueries extends TriggerQueries {
  readonly register: Query;
  readonly claim: Query;
  readonly complete: Query;
  readonly settle: Query;
  readonly settledBefore: Query;
  readonly saveSteps: Query;
  readonly invoke: Query;
  readonly cancel: Query;
  readonly cancelAndTell: Query;
  readonly forgetEndings: Query;
  readonly pulse: Query;
  readonly recover: Query;
  readonly promote: Query;
  readonly prune: Query;
  readonly straightenLines: Query;
  readonly admitEverywhere: Query;
  readonly hasWork: Query;
  readonly leave: Query;
  readonly wake: Query;
  readonly channel: Query;
  readonly countQueues: Query;
  readonly stopCounting: Query;
}

/**
 * @param schema quoted
 * @param onDone told of each one that is over
 * @param schemaName for people
 */
export function engineQueries(
  schema: string,
  onDone?: QueryDone | undefined,
  schemaName: string = schema,
): EngineQueries {
  const json = (name: string): string => `select ${schema}.${name}($1::text::json) as answer`;
  const again = { isRepeatable: true, onDone, schema: schemaName };
  const once = { isRepeatable: false, onDone, schema: schemaName };
  return {
    ...triggerQueries(schema, onDone, schemaName),
    countQueues: { label: 'count_queues', text: json('count_queues'), ...again },
    stopCounting: { label: 'stop_counting', text: json('stop_counting'), ...again },
    // Brings what waits in line with new settings: every row of it.
    register: { label: 'register', text: json('register'), patienceMs: 60_000, ...again },
    // Sent again with `isAgain`, so that what a claim took whose answer was lost is given back.
    claim: {
      label: 'claim',
      text: `select lease, claimed_at, count, ids, tasks, payloads, starts, marks, steps, traces from ${schema}.claim($1::text::json)`,
      ...again,
    },
    complete: {
      label: 'settle',
      text: `select ${schema}.complete($1::text::bigint[], $2::text::bigint[], $3::text::bigint[], $4::text::bigint[], $5::text) as answer`,
      ...again,
    },
    settle: { label: 'settle', text: json('settle'), ...again },
    settledBefore: { label: 'settle', text: json('settled_before'), ...again },
    saveSteps: { label: 'step', text: json('save_steps'), ...again },
    invoke: { label: 'invoke', text: json('enqueue'), ...once },
    cancel: { label: 'cancel', text: json('cancel'), ...again },
    cancelAndTell: { label: 'cancel', text: json('cancel_and_tell'), ...again },
    forgetEndings: { label: 'cancel', text: json('forget_endings'), ...again },
    pulse: { label: 'pulse', text: json('pulse'), ...again },
    recover: { label: 'recover', text: `select ${schema}.recover() as answer`, ...again },
    promote: { label: 'promote', text: `select ${schema}.promote(1000) as answer`, ...again },
    prune: { label: 'prune', text: `select ${schema}.prune($1::text::integer) as answer`, ...again },
    straightenLines: { label: 'lines', text: json('straighten_lines'), ...again },
    admitEverywhere: { label: 'admit', text: `select ${schema}.admit_everywhere() as answer`, ...again },
    hasWork: { label: 'has_work', text: json('has_work'), ...again },
    leave: { label: 'leave', text: json('leave'), ...again },
    // Workers look by themselves, so nobody waits for it.
    wake: {
      label: 'wake',
      text: `select ${schema}.wake_task($1, $2) as answer`,
      retries: 1,
      patienceMs: 1_000,
      ...again,
    },
    channel: { label: 'channel', text: `select ${schema}.channel() as answer`, ...again },
  };
}
