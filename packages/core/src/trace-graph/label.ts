import type { StoredError } from '../events/trace-event.ts';
import { free, phaseOf } from './phase.ts';
import { plainText } from './plain-text.ts';
import type { TraceSpan } from './trace-span.ts';
import { hasFailed } from './work.ts';
import type { WorkAttempts } from './work-attempts.ts';

/** How a span is called in texts: `job transfer (bullmq funding/3)`, `stage:credit`, `ai:decision`. */
export function labelOf(span: TraceSpan): string {
  const { entity, event } = span;
  if (event === undefined) return `missing span ${plainText(span.spanId)}`;
  const subject = plainText(span.subject);
  if (entity !== undefined) {
    const place = entity.queue === undefined ? entity.id : `${entity.queue}/${entity.id}`;
    const verb = span.form === 'send' ? 'send ' : '';
    const name = plainText(entity.name ?? span.name);
    const what = name === subject ? subject : `${subject} ${name}`;
    return `${verb}${what} (${plainText(`${entity.system} ${place}`)})`;
  }
  const type =
    span.form === 'point' && phaseOf(event.event_type) === free ? plainText(event.event_type) : subject;
  const name = plainText(span.name);
  return type.endsWith(name) || name === subject ? type : `${type} (${name})`;
}

/**
 * Starts and failures are counted apart, because a limit of attempts limits failures: `start 4, failure 1 of 3`. Failures
 * are only counted when all earlier starts are there.
 */
export function attemptOf(span: TraceSpan, work: WorkAttempts | undefined): string {
  const index = work?.attempts.indexOf(span) ?? -1;
  const start = span.attempt ?? (index < 0 ? undefined : index + 1);
  if (work === undefined || start === undefined) return '';
  if (!hasFailed(span) || index + 1 < start) return `start ${start}`;
  const failures = work.attempts.slice(0, index + 1).filter(hasFailed).length;
  const limit = work.maxAttempts === undefined ? '' : ` of ${work.maxAttempts}`;
  return `start ${start}, failure ${failures}${limit}`;
}

export function errorOf(error: StoredError | undefined): string {
  if (error === undefined) return '';
  const type = plainText(error.type);
  const message = plainText(error.message);
  return message === '' ? type : `${type}: ${message}`;
}

/** `1 span`, `2 spans`. */
export function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** `12 ms`, `1.24 s`, `3 min 5 s`. */
export function durationText(ms: number): string {
  if (ms < 1) return `${Number(ms.toFixed(2))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_995) return `${Number((ms / 1000).toFixed(2))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
