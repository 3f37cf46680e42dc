import { formatTimestamp } from '../events/timestamp.ts';
import type { TraceEvent, TraceEventData, TraceEventPhase, TraceEventStatus } from '../events/trace-event.ts';

/** A span for tests; only the id is needed. */
export interface SpanPlan {
  readonly parent?: string;
  /** @default 'call' */
  readonly subject?: string;
  /** Milliseconds since the start of the story. @default 0 */
  readonly at?: number;
  /** @default 10 */
  readonly ms?: number;
  /** How it ends; `undefined` leaves it open. @default 'completed' */
  readonly end?: Exclude<TraceEventPhase, 'queued' | 'started' | 'progress'> | undefined;
  /** The message of the error it ends with. */
  readonly error?: string;
  /** A job id: makes it an attempt of `bullmq mail/<id>`. */
  readonly job?: string;
  readonly attempt?: number;
  readonly data?: TraceEventData;
  readonly source?: string;
  readonly trace?: string;
}

const begin = Date.UTC(2026, 0, 31, 12);
const statusOf: Partial<Record<string, TraceEventStatus>> = {
  completed: 'success',
  failed: 'failed',
  retrying: 'failed',
  suspended: 'pending',
};

/** The start and the end of a span, as event telemetry writes them. */
export function spanEvents(id: string, plan: SpanPlan = {}): TraceEvent[] {
  const { subject = plan.job === undefined ? 'call' : 'job', at = 0, ms = 10, error } = plan;
  const end = 'end' in plan ? plan.end : 'completed';
  const started = oneEvent(id, `${subject}:started`, at, plan, { ...entityOf(plan), ...plan.data });
  if (end === undefined) return [started];
  const failure = error === undefined ? {} : { error: { type: 'Error', message: error } };
  const ended = oneEvent(id, `${subject}:${end}`, at + ms, plan, failure);
  const status = statusOf[end];
  return [started, status === undefined ? ended : { ...ended, status }];
}

/** A single event of any type. */
export function oneEvent(
  id: string,
  type: string,
  at = 0,
  plan: SpanPlan = {},
  data?: TraceEventData,
): TraceEvent {
  return {
    trace_id: plan.trace ?? 'T1',
    span_id: id,
    ...(plan.parent === undefined ? {} : { parent_span_id: plan.parent }),
    event_type: type,
    timestamp: formatTimestamp(begin + at),
    ...(data === undefined ? {} : { data }),
    ...(plan.source === undefined ? {} : { source: plan.source }),
  };
}

function entityOf({ job, attempt }: SpanPlan): TraceEventData {
  if (job === undefined) return {};
  const entity = { system: 'bullmq', queue: 'mail', name: 'send', id: job };
  return { entity, max_attempts: 3, ...(attempt === undefined ? {} : { attempt }) };
}
