import { JSON_AT, readJournalLine } from './journal-line.ts';

/**
 * How an index names a trace: the bytes of its id between the quotes, as they stand in a line, one character each. For
 * an id of hex digits that is the id. Equal ids have equal keys, others have others.
 */
export type TraceKey = string;

const LINE_START = Buffer.from('{"trace_id":"');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const plainId = /^[\w-]+$/;

export function traceKey(traceId: string): TraceKey {
  return plainId.test(traceId)
    ? traceId
    : Buffer.from(JSON.stringify(traceId).slice(1, -1)).toString('latin1');
}

/** The id that a key stands for. */
export function traceIdOf(key: TraceKey): string {
  return plainId.test(key) ? key : (JSON.parse(`"${Buffer.from(key, 'latin1').toString('utf8')}"`) as string);
}

/**
 * Finds the key in a line without parsing it: an encoded event begins with its trace id.
 *
 * @param start of the line
 * @param end of the line
 * @returns `undefined` for a line of another form that {@link readTraceKey} cannot make sense of either
 */
export function traceKeyAt(bytes: Buffer, start: number, end: number): TraceKey | undefined {
  const idStart = start + JSON_AT + LINE_START.length;
  if (!startsWithTraceId(bytes, start + JSON_AT)) return readTraceKey(bytes, start, end);
  const idEnd = bytes.indexOf(QUOTE, idStart);
  if (idEnd === -1 || idEnd > end) return undefined;
  if (bytes[idEnd - 1] === BACKSLASH) return readTraceKey(bytes, start, end);
  return bytes.toString('latin1', idStart, idEnd);
}

/**
 * Whether two lines surely are of the same trace: their bytes are the same up to a quote that ends the id.
 *
 * @param a where one begins, `b` where the other does; both end with a line feed
 */
export function isSameTrace(bytes: Buffer, a: number, b: number): boolean {
  if (!startsWithTraceId(bytes, a + JSON_AT)) return false;
  for (let at = JSON_AT; ; at += 1) {
    const byte = bytes[a + at];
    if (byte !== bytes[b + at] || byte === BACKSLASH || byte === LINE_FEED) return false;
    if (byte === QUOTE && at >= JSON_AT + LINE_START.length) return true;
  }
}

function startsWithTraceId(bytes: Buffer, at: number): boolean {
  for (let index = 0; index < LINE_START.length; index += 1) {
    if (bytes[at + index] !== LINE_START[index]) return false;
  }
  return true;
}

/** Parses the line, to be right about any JSON. */
function readTraceKey(bytes: Buffer, start: number, end: number): TraceKey | undefined {
  try {
    const json = readJournalLine(bytes, start, end);
    const { trace_id } = JSON.parse(json ?? '{}') as { readonly trace_id?: unknown };
    return typeof trace_id === 'string' ? traceKey(trace_id) : undefined;
  } catch {
    return undefined;
  }
}
