import type { TraceListPage, TraceListQuery, TraceSummary } from './trace-store.ts';

/**
 * Orders what a query found, newest first, and cuts out the page that it asks for. A cursor names the last trace of its
 * page, so that traces which start in between move no other one to another page.
 */
export function pageOfTraces(
  found: readonly TraceSummary[],
  { limit = 100, cursor }: TraceListQuery,
): TraceListPage {
  const ordered = [...found].sort(newestFirst);
  const [startedAt, traceId] = cursor === undefined ? [] : readCursor(cursor);
  const after =
    startedAt === undefined || traceId === undefined
      ? ordered
      : ordered.filter((summary) => newestFirst(summary, { startedAt, traceId }) > 0);
  const traces = after.slice(0, limit);
  const last = traces.at(-1);
  if (last === undefined || traces.length === after.length) return { traces };
  return { traces, cursor: `${last.startedAt} ${last.traceId}` };
}

type Position = Pick<TraceSummary, 'startedAt' | 'traceId'>;

function newestFirst(a: Position, b: Position): number {
  return b.startedAt - a.startedAt || (a.traceId < b.traceId ? -1 : Number(a.traceId > b.traceId));
}

function readCursor(cursor: string): [startedAt: number, traceId: string] | [] {
  const blank = cursor.indexOf(' ');
  const startedAt = Number(cursor.slice(0, blank));
  return Number.isFinite(startedAt) ? [startedAt, cursor.slice(blank + 1)] : [];
}
