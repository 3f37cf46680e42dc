/** The four names a carrier may have; everything else in the input is ignored. */
type FieldName = 'traceparent' | 'tracestate' | 'baggage' | 'relation';

/** What was found under the fixed names, not yet judged. Several values of one name are joined by commas, as in HTTP. */
export type CarrierFields = Record<FieldName, unknown>;

/** Why an input is not a container in which fields could be looked up. */
export type ContainerRejection =
  /** `undefined`, `null` or the empty string: nobody sent a carrier. */
  | 'absent'
  /** A number, a boolean, a function, a symbol, bytes, a boxed string, or JSON text of something that is not an object. */
  | 'not_a_carrier'
  /** JSON text above 32 KiB, or more than 4,096 header entries. */
  | 'too_large'
  /** Text that is not JSON. */
  | 'invalid_json'
  /** Reading it threw: a hostile getter, a revoked proxy. */
  | 'unreadable';

const MAX_TEXT = 32_768;
const MAX_ENTRIES = 4096;
const MAX_VALUES = 64;

/** No two names are of the same length, so the length of a header's name rules out all but one. */
const nameOfLength: Readonly<Record<number, FieldName>> = {
  7: 'baggage',
  8: 'relation',
  10: 'tracestate',
  11: 'traceparent',
};

/** Finds the fields in a carrier, its JSON text, a header object, raw header pairs or anything with a `get` method. */
export function fieldsOf(input: unknown): CarrierFields | ContainerRejection {
  if (input === undefined || input === null || input === '') return 'absent';
  try {
    return typeof input === 'string' ? fieldsOfText(input) : fieldsOfContainer(input);
  } catch {
    return 'unreadable';
  }
}

function fieldsOfText(text: string): CarrierFields | ContainerRejection {
  if (text.length > MAX_TEXT) return 'too_large';
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'invalid_json';
  }
  return fieldsOfContainer(parsed);
}

function fieldsOfContainer(input: unknown): CarrierFields | ContainerRejection {
  if (typeof input !== 'object' || input === null) return 'not_a_carrier';
  const fields: CarrierFields = {
    traceparent: undefined,
    tracestate: undefined,
    baggage: undefined,
    relation: undefined,
  };
  // Asked once: a proxy may tell another length each time, or one that never ends.
  const { length } = input as { readonly length?: unknown };
  if (!Array.isArray(input)) {
    // Bytes or a boxed string would have one key per element.
    if (typeof length === 'number') return 'not_a_carrier';
    addObject(fields, input as Readonly<Record<string, unknown>>);
  } else if (isAtMost(length, MAX_ENTRIES)) addPairs(fields, input, length);
  else return 'too_large';
  return fields;
}

/** Either `[[name, value], …]`, or the flat `[name, value, …]` of Node's `rawHeaders`. */
function addPairs(fields: CarrierFields, entries: readonly unknown[], length: number): void {
  const flat = typeof entries[0] === 'string';
  for (let i = 0; i < length; i += flat ? 2 : 1) {
    const entry = entries[i];
    if (flat) addEntry(fields, entry, entries[i + 1]);
    else if (Array.isArray(entry)) addEntry(fields, entry[0], entry[1]);
  }
}

/** Own keys only, also of a proxy whose chain of prototypes never ends. */
function addObject(fields: CarrierFields, input: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(input)) {
    if (!nameOfLength[key.length]) continue;
    const value = input[key];
    // What nearly every carrier is. The general way reaches the same, at three times the cost.
    if (key === 'traceparent' && typeof value === 'string' && fields.traceparent === undefined)
      fields.traceparent = value;
    else addEntry(fields, key, value);
  }
  if (fields.traceparent !== undefined || typeof input.get !== 'function') return;
  for (const name of Object.values(nameOfLength)) addValue(fields, name, input.get(name));
}

function addEntry(fields: CarrierFields, key: unknown, value: unknown): void {
  if (typeof key !== 'string') return;
  const name = nameOfLength[key.length];
  if (!name || (key !== name && key.toLowerCase() !== name)) return;
  if (Array.isArray(value)) addValues(fields, name, value, value.length);
  else addValue(fields, name, value);
}

function addValues(
  fields: CarrierFields,
  name: FieldName,
  values: readonly unknown[],
  length: unknown,
): void {
  if (!isAtMost(length, MAX_VALUES)) addValue(fields, name, false);
  else for (let i = 0; i < length; i++) addValue(fields, name, values[i]);
}

/** A value that is no string cannot be joined: the field becomes `false`, which no field accepts. */
function addValue(fields: CarrierFields, name: FieldName, value: unknown): void {
  if (value === undefined || value === null) return;
  const before = fields[name];
  if (before === undefined) fields[name] = value;
  else fields[name] = typeof before === 'string' && typeof value === 'string' ? `${before},${value}` : false;
}

function isAtMost(length: unknown, limit: number): length is number {
  return typeof length === 'number' && length <= limit;
}
