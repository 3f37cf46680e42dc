import type { TextMapGetter } from '@opentelemetry/api';

/** Headers by name, in any case. Only {@link headerGetter} reads them: values may be of any type. */
export type PropagatedHeaders = Readonly<Record<string, unknown>>;

const MAX_TEXT = 32_768;
const MAX_ENTRIES = 4_096;
const MAX_HEADERS = 128;
const MAX_VALUES = 64;
const MAX_VALUE = 8_192;

/**
 * Makes any input safe for a propagator that expects headers: an object, raw header pairs, a `Headers` object or a
 * carrier's JSON text. Text is bounded before it is parsed.
 *
 * @returns `undefined` when the input is no carrier at all
 * @throws only what reading the input throws: a hostile getter, a revoked proxy, text that is not JSON
 */
export function propagatedHeaders(input: unknown): PropagatedHeaders | undefined {
  const container = typeof input === 'string' ? parsed(input) : input;
  if (typeof container !== 'object' || container === null || ArrayBuffer.isView(container)) return undefined;
  if (Array.isArray(container)) return container.length > MAX_ENTRIES ? undefined : fromPairs(container);
  return isHeaders(container) ? fromPairs([...container.entries()]) : (container as PropagatedHeaders);
}

/**
 * Looks a header up for a propagator: own properties only, names without regard to case, several values of one name
 * joined with a comma as HTTP does, and nothing that is no short string.
 */
export const headerGetter: TextMapGetter<PropagatedHeaders> = {
  get(headers, name) {
    if (Object.hasOwn(headers, name)) return textOf(headers[name]);
    const wanted = name.toLowerCase();
    for (const key in headers) {
      if (key.length === name.length && key.toLowerCase() === wanted && Object.hasOwn(headers, key)) {
        return textOf(headers[key]);
      }
    }
    return undefined;
  },
  keys: (headers) => Object.keys(headers).slice(0, MAX_HEADERS),
};

/**
 * A carrier with nothing but a traceparent, as nearly all are: without an escape in it, its text has the value as it is.
 * As many classes as characters, because engines count `{55}` slower.
 */
const traceparentAlone = new RegExp(`^{"traceparent":"${'[\\w-]'.repeat(55)}"}$`);
const VALUE_START = 16;

function parsed(text: string): unknown {
  if (traceparentAlone.test(text)) return { traceparent: text.slice(VALUE_START, -2) };
  return text.length > MAX_TEXT ? undefined : JSON.parse(text);
}

function isHeaders(container: object): container is Headers | ReadonlyMap<unknown, unknown> {
  return 'get' in container && typeof (container as { entries?: unknown }).entries === 'function';
}

/** Either `[[name, value], …]`, or the flat `[name, value, …]` of Node's `rawHeaders`. */
function fromPairs(entries: readonly unknown[]): PropagatedHeaders {
  const headers: Record<string, unknown[]> = Object.create(null);
  if (typeof entries[0] === 'string') {
    for (let i = 0; i < entries.length; i += 2) addPair(headers, entries[i], entries[i + 1]);
  } else {
    for (const entry of entries) if (Array.isArray(entry)) addPair(headers, entry[0], entry[1]);
  }
  return headers;
}

function addPair(headers: Record<string, unknown[]>, name: unknown, value: unknown): void {
  if (typeof name !== 'string') return;
  const key = name.toLowerCase();
  headers[key] = [...(headers[key] ?? []), value].slice(0, MAX_VALUES + 1);
}

function textOf(value: unknown): string | undefined {
  const text = Array.isArray(value) ? joined(value) : value;
  return typeof text === 'string' && text.length <= MAX_VALUE ? text : undefined;
}

function joined(values: readonly unknown[]): string | undefined {
  const areTexts = values.length <= MAX_VALUES && values.every((value) => typeof value === 'string');
  return areTexts ? values.join(',') : undefined;
}
