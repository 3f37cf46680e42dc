import { ATTR_THROUGHLINE_REASON, type SpanLink, type TraceContext } from '@throughline/core';
import type { StoredError } from '@throughline/core/events';
import type { EngineTelemetry } from './engine-telemetry.ts';
import { lastRunOf } from './last-run.ts';
import { tellEnd } from './work-end.ts';

/** An execution that ended without a run that could tell it, as the database notes it, and how long ago that was. */
export type NotedEnding = readonly [
  ageMs: number,
  ending: {
    readonly id: number;
    readonly task: string;
    readonly queue: string;
    /** Its last start; 0 for none. */
    readonly attempt: number;
    readonly outcome: 'canceled' | 'dead';
    readonly error: StoredError | null;
    /** What its sender left. */
    readonly trace: unknown;
    /** What its last run left. */
    readonly last: unknown;
  },
];

/**
 * Cancelled while they waited, or lost with their worker for the last time: nobody but the database knows.
 *
 * @param by the span that asked for it
 */
export function tellNotedEndings(
  telemetry: EngineTelemetry,
  endings: readonly NotedEnding[],
  by?: TraceContext,
): void {
  const links = by === undefined ? undefined : [{ context: by }];
  for (const ending of endings) tell(telemetry, ending, links);
}

function tell(
  telemetry: EngineTelemetry,
  [ageMs, ending]: NotedEnding,
  links: readonly SpanLink[] | undefined,
): void {
  const { id, task, queue, attempt, outcome, error } = ending;
  tellEnd(telemetry, telemetry.task(task, queue), {
    id: String(id),
    attempt: attempt > 0 ? attempt : undefined,
    outcome,
    error: error === null ? undefined : asThrown(error),
    time: Date.now() - ageMs,
    parent: originOfEnding(telemetry, ending),
    links,
    attributes: outcome === 'dead' ? lost : undefined,
  });
}

const lost = Object.freeze({ [ATTR_THROUGHLINE_REASON]: 'lost' });

/** The last run, when its span is known, else the sender. */
function originOfEnding(
  { port }: EngineTelemetry,
  { trace, last }: NotedEnding[1],
): TraceContext | undefined {
  const lastRun = last === null ? undefined : lastRunOf(port, last)?.link?.context;
  return lastRun ?? (trace === null ? undefined : port.propagation.extract(trace));
}

/** The words of a stored error, as those of a thrown one are read. */
function asThrown({ type, message, code }: StoredError): object {
  return { name: type, message, code };
}
