import type { StoredLink } from '../events/trace-event.ts';
import {
  ATTR_HTTP_METHOD,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESEND_COUNT,
  ATTR_HTTP_URL,
  ATTR_URL_FULL,
} from '../semantic-conventions/http.ts';
import { compareNumbers } from '../trace-graph/event-order.ts';
import type { ImportedSpan } from './imported-span.ts';
import { clockGrainMs } from './nested-ends.ts';

/*
 * OpenTelemetry has no word for "this request repeats that one", and instrumentations see single requests. Two things
 * tell a repetition:
 *
 *   resend count   the span says so itself
 *   a row of failures   requests of one parent to the same URL, one after the other, all failed
 *
 * A request that succeeded after one that failed need not be its repetition: a loop that charges two customers looks the
 * same. Without a resend count it is left alone, so that no failure is explained away.
 */

/** The request that each repeated request repeats, as a link `retry_of`. */
export function repeatedRequests(spans: readonly ImportedSpan[]): ReadonlyMap<ImportedSpan, StoredLink> {
  const links = new Map<ImportedSpan, StoredLink>();
  for (const row of rowsOf(spans).values()) {
    row.sort((a, b) => compareNumbers(startOf(a), startOf(b)));
    const isRow = row.every((span, i) => span.status === 'error' && follows(span, row[i - 1]));
    for (const [i, span] of row.entries()) {
      const before = row[i - 1];
      if (before !== undefined && (isRow || (isResent(span) && follows(span, before))))
        links.set(span, { trace_id: before.traceId, span_id: before.spanId, relation: 'retry_of' });
    }
  }
  return links;
}

function rowsOf(spans: readonly ImportedSpan[]): Map<string, ImportedSpan[]> {
  const rows = new Map<string, ImportedSpan[]>();
  for (const span of spans) {
    const { kind, traceId, parentSpanId, attributes } = span;
    const url = attributes[ATTR_URL_FULL] ?? attributes[ATTR_HTTP_URL];
    if (kind !== 'client' || parentSpanId === undefined || typeof url !== 'string') continue;
    const method = attributes[ATTR_HTTP_REQUEST_METHOD] ?? attributes[ATTR_HTTP_METHOD];
    const key = JSON.stringify([traceId, parentSpanId, method, url]);
    const row = rows.get(key);
    if (row === undefined) rows.set(key, [span]);
    else row.push(span);
  }
  return rows;
}

function startOf({ startTime }: ImportedSpan): number {
  return startTime ?? Number.POSITIVE_INFINITY;
}

function follows(span: ImportedSpan, before: ImportedSpan | undefined): boolean {
  if (before === undefined) return true;
  return before.endTime !== undefined && startOf(span) > before.endTime - clockGrainMs;
}

function isResent({ attributes }: ImportedSpan): boolean {
  const count = attributes[ATTR_HTTP_REQUEST_RESEND_COUNT] ?? attributes[ATTR_HTTP_RESEND_COUNT];
  return typeof count === 'number' && count > 0;
}
