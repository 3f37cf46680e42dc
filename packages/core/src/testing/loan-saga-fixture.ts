import type { TraceEvent } from '../events/trace-event.ts';

/**
 * The loan saga as seven literal events, with ids that are not W3C ids, ends that do not name their parent, and a root
 * that never ends. Every store must give it back so that the graph tells it correctly:
 *
 * - one root, `S1`; the path of `S3` is `S1`, `S2`, `S3`
 * - the failure is `S6`, with the path `S1`, `S6`; the outcome is `failed` although the root is open
 * - `S7` is the compensation of `S2`; its row of the ledger is `pending`, because nothing says that it succeeded
 */
export const loanSagaFixture: readonly TraceEvent[] = Object.freeze([
  event('S1', undefined, 'workflow:started', 0),
  event('S2', 'S1', 'stage:validate:started', 10),
  event('S3', 'S2', 'job:started', 20),
  event('S3', undefined, 'job:completed', 30, { status: 'success' }),
  event('S2', undefined, 'stage:validate:completed', 40, { status: 'success' }),
  event('S6', 'S1', 'stage:funding:failed', 50, {
    status: 'failed',
    data: { error: { type: 'InsufficientFundsError', message: 'Insufficient funds' } },
  }),
  event('S7', 'S1', 'saga:compensating', 60, { status: 'pending', data: { original_span_id: 'S2' } }),
]);

function event(
  span: string,
  parent: string | undefined,
  type: string,
  ms: number,
  more: Partial<TraceEvent> = {},
): TraceEvent {
  const timestamp = `2026-01-31T12:00:00.${String(ms).padStart(3, '0')}000Z`;
  const parentOf = parent === undefined ? {} : { parent_span_id: parent };
  return Object.freeze({ trace_id: 'T1', span_id: span, ...parentOf, event_type: type, timestamp, ...more });
}
