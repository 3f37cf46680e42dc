/** The four names a carrier may have; everything else in the input is ignored. */
type FieldName = 'traceparent' | 'tracestate' | 'baggage' | 'relation';

/** What was found under the fixed names, not yet judged. Several values of one name are joined by commas, as in HTTP. */
export type CarrierFields = Record<FieldName, unknown>;

/** Why an input is not a container in which fields could be looked up. */
export type ContainerRejection =
  /** `undefined`, `null` or the empty string: nobody sent a carrier. */
  | 'absent'
  /** A number, a boolean, a function, a symbol, bytes, or JSON text of something that is not an object. */
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
  // Listing the keys of bytes or of a boxed string would make one key per element.
  if (typeof input !== 'object' || input === null || ArrayBuffer.isView(input) || input instanceof String)
    return 'not_a_carrier';
  const fields: CarrierFields = {
    traceparent: undefined,
    tracestate: undefined,
    baggage: undefined,
    relation: undefined,
  };
  if (!Array.isArray(input)) addObject(fields, input);
  else if (input.length > MAX_ENTRIES) return 'too_large';
  else addPairs(fields, input);
  return fields;
}

/** Either `[[name, value], …]`, or the flat `[name, value, …]` of Node's `rawHeaders`. */
function addPairs(fields: CarrierFields, entries: readonly unknown[]): void {
  if (typeof entries[0] === 'string') {
    for (let i = 0; i < entries.length; i += 2) addEntry(fields, entries[i], entries[i + 1]);
  } else {
    for (const entry of entries) if (Array.isArray(entry)) addEntry(fields, entry[0], entry[1]);
  }
}

function addObject(fields: CarrierFields, input: object): void {
  const values = input as Readonly<Record<string, unknown>>;
  for (const key in values) {
    if (!nameOfLength[key.length] || !Object.hasOwn(values, key)) continue;
    const value = values[key];
    // What nearly every carrier is. The general way reaches the same, at three times the cost.
    if (key === 'traceparent' && typeof value === 'string' && fields.traceparent === undefined)
      fields.traceparent = value;
    else addEntry(fields, key, value);
  }
  if (fields.traceparent !== undefined || typeof values.get !== 'function') return;
  for (const name of Object.values(nameOfLength)) addValue(fields, name, values.get(name));
}

function addEntry(fields: CarrierFields, key: unknown, value: unknown): void {
  if (typeof key !== 'string') return;
  const name = nameOfLength[key.length];
  if (!name || (key !== name && key.toLowerCase() !== name)) return;
  if (!Array.isArray(value)) addValue(fields, name, value);
  else if (value.length > MAX_VALUES) addValue(fields, name, false);
  else for (const each of value) addValue(fields, name, each);
}

/** A value that is no string cannot be joined: the field becomes `false`, which no field accepts. */
function addValue(fields: CarrierFields, name: FieldName, value: unknown): void {
  if (value === undefined || value === null) return;
  const before = fields[name];
  if (before === undefined) fields[name] = value;
  else fields[name] = typeof before === 'string' && typeof value === 'string' ? `${before},${value}` : false;
}
