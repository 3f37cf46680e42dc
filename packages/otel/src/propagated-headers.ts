import type { TextMapGetter } from '@opentelemetry/api';

/** Header names in lower case with their values; several values of one name are joined with a comma, as HTTP does. */
export type PropagatedHeaders = ReadonlyMap<string, string>;

const MAX_TEXT = 32_768;
const MAX_ENTRIES = 4_096;
const MAX_HEADERS = 128;
const MAX_VALUE = 8_192;

/**
 * Makes any input safe for a propagator that expects headers: an object, raw header pairs, a `Headers` object or a
 * carrier's JSON text. Everything is bounded before the propagator sees it; what is no short string is left out.
 *
 * @returns `undefined` when the input is no carrier at all
 * @throws only what reading the input throws: a hostile getter, a revoked proxy, text that is not JSON
 */
export function propagatedHeaders(input: unknown): PropagatedHeaders | undefined {
  const container = typeof input === 'string' ? containerOf(input) : input;
  if (typeof container !== 'object' || container === null || ArrayBuffer.isView(container)) return undefined;
  const headers = new Map<string, string>();
  for (const [name, value] of entriesOf(container)) {
    if (headers.size >= MAX_HEADERS) break;
    addHeader(headers, name, value);
  }
  return headers;
}

/** Reads {@link PropagatedHeaders} for a propagator. */
export const headerGetter: TextMapGetter<PropagatedHeaders> = {
  get: (headers, name) => headers.get(name.toLowerCase()),
  keys: (headers) => [...headers.keys()],
};

function containerOf(text: string): unknown {
  return text.length > MAX_TEXT ? undefined : JSON.parse(text);
}

function* entriesOf(container: object): Iterable<readonly [unknown, unknown]> {
  if (Array.isArray(container)) yield* pairsOf(container.slice(0, MAX_ENTRIES));
  else if (isHeaders(container)) yield* container.entries();
  else
    for (const key of Object.keys(container).slice(0, MAX_ENTRIES)) yield [key, Reflect.get(container, key)];
}

/** Either `[[name, value], …]`, or the flat `[name, value, …]` of Node's `rawHeaders`. */
function* pairsOf(entries: readonly unknown[]): Iterable<readonly [unknown, unknown]> {
  if (typeof entries[0] === 'string') {
    for (let i = 0; i < entries.length; i += 2) yield [entries[i], entries[i + 1]];
  } else {
    for (const entry of entries) if (Array.isArray(entry)) yield [entry[0], entry[1]];
  }
}

function isHeaders(container: object): container is Headers | ReadonlyMap<unknown, unknown> {
  return typeof (container as { entries?: unknown }).entries === 'function' && 'get' in container;
}

function addHeader(headers: Map<string, string>, name: unknown, value: unknown): void {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (typeof name !== 'string' || !values.every((each) => typeof each === 'string')) return;
  const key = name.toLowerCase();
  const before = headers.get(key);
  const joined = (before === undefined ? values : [before, ...values]).join(',');
  if (joined.length <= MAX_VALUE) headers.set(key, joined);
}
