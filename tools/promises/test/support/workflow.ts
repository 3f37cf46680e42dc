import { encodeTraceEvent, formatTimestamp, type TraceEvent } from '@throughline/core/events';
import fc from 'fast-check';

/** One piece of work below another, done by some process. */
interface Piece {
  /** Which of the pieces before it is its parent. */
  readonly parent: number;
  readonly process: number;
  readonly end: 'completed' | 'failed' | 'canceled' | 'open';
  readonly attempts: number;
}

const processes = 4;
const piece: fc.Arbitrary<Piece> = fc.record({
  parent: fc.nat(),
  process: fc.nat(processes - 1),
  end: fc.constantFrom('completed', 'completed', 'completed', 'failed', 'canceled', 'open'),
  attempts: fc.integer({ min: 1, max: 3 }),
});

/** Work over four processes, each with a clock of its own: jobs below jobs, tried again, failed, canceled or under way. */
export const workflows: fc.Arbitrary<TraceEvent[]> = fc
  .array(piece, { minLength: 1, maxLength: 12 })
  .map((pieces) => pieces.flatMap((each, at) => eventsOf(each, at).map(asStored)));

function asStored(event: TraceEvent): TraceEvent {
  return encodeTraceEvent(event).event ?? event;
}

function eventsOf({ parent, process, end, attempts }: Piece, at: number): TraceEvent[] {
  const entity = { system: 'test', queue: 'work', name: `work ${at}`, id: String(at) };
  return Array.from({ length: attempts }, (_, index) => {
    const attempt = index + 1;
    const isLast = attempt === attempts;
    const phase = isLast ? end : 'retrying';
    const startedAt = Date.UTC(2026, 0, 31, 12) + at * 1000 + index * 100;
    const error = { type: 'Error', message: `of work ${at}` };
    const base = {
      trace_id: 'T1',
      span_id: `W${at}-${attempt}`,
      source: `p${process}:1:b`,
      ...(at === 0 ? {} : { parent_span_id: `W${parent % at}-1` }),
    };
    const started: TraceEvent = {
      ...base,
      event_type: 'job:started',
      event_id: `${at}-${attempt}-s`,
      timestamp: formatTimestamp(startedAt),
      seq: startedAt * 2,
      data: { name: `work ${at}`, kind: 'consumer', entity, attempt, max_attempts: 3 },
    };
    if (phase === 'open') return [started];
    const hasFailed = phase === 'failed' || phase === 'retrying';
    const ended: TraceEvent = {
      ...base,
      event_type: `job:${phase}`,
      event_id: `${at}-${attempt}-e`,
      timestamp: formatTimestamp(startedAt + 50),
      seq: startedAt * 2 + 1,
      ...(phase === 'completed' ? { status: 'success' as const } : {}),
      ...(hasFailed ? { status: 'failed' as const } : {}),
      data: { entity, attempt, max_attempts: 3, ...(hasFailed ? { error } : {}) },
    };
    return [started, ended];
  }).flat();
}

/** How far the clock of each process is off, in ms: up to an hour. */
export const skews: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: -3_600_000, max: 3_600_000 }), {
  minLength: processes,
  maxLength: processes,
});
