import { wellFormed } from '../events/json-text.ts';
import type { JsonObject, JsonValue } from '../telemetry/attributes.ts';
import { type Fields, field, isFields } from './fields.ts';
import type { OtlpAnyValue, OtlpKeyValue } from './otlp-json.ts';

/** Deeper values than anybody writes. */
const maxDepth = 16;
const tooDeep = '[too deep]';
/** More values than any store keeps of one event: where objects hold each other, depth alone is no bound. */
const maxValues = 100_000;

/** Attributes as OTLP writes them; what is `undefined` is left out. */
export function toKeyValues(attributes: object): OtlpKeyValue[] {
  return keyValuesOf(attributes, { left: maxValues }, 0);
}

interface Budget {
  left: number;
}

function keyValuesOf(values: object, budget: Budget, depth: number): OtlpKeyValue[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : { key: wellFormed(key), value: toAnyValue(value, budget, depth) },
  );
}

/** Whole numbers are integers to OTLP: JSON, and so the store, knows no difference. */
function toAnyValue(value: unknown, budget: Budget, depth: number): OtlpAnyValue {
  budget.left -= 1;
  switch (typeof value) {
    case 'string':
      return { stringValue: wellFormed(value) };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      if (Number.isSafeInteger(value)) return { intValue: String(value) };
      return Number.isFinite(value) ? { doubleValue: value } : { stringValue: String(value) };
    case 'object':
      return value === null ? {} : toStructure(value, budget, depth + 1);
    default:
      return { stringValue: String(value) };
  }
}

function toStructure(value: object, budget: Budget, depth: number): OtlpAnyValue {
  if (depth > maxDepth || budget.left <= 0) return { stringValue: tooDeep };
  if (!Array.isArray(value)) return { kvlistValue: { values: keyValuesOf(value, budget, depth) } };
  return { arrayValue: { values: value.map((item) => toAnyValue(item, budget, depth)) } };
}

/**
 * Reads `AnyValue`. Integers beyond what a number holds stay decimal digits, bytes stay base64, and a plain value, which
 * some producers write, stands for itself.
 *
 * @returns `undefined` for what is no value
 */
function fromAnyValue(value: unknown, budget: Budget, depth: number): JsonValue | undefined {
  budget.left -= 1;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return readDouble(value);
  if (!isFields(value)) return undefined;
  if (depth > maxDepth || budget.left <= 0) return tooDeep;
  for (const name in readers) {
    const given = field(value, name);
    if (given !== undefined) return readers[name]?.(given, budget, depth);
  }
  return null;
}

type Reader = (given: unknown, budget: Budget, depth: number) => JsonValue | undefined;

const readers: Readonly<Record<string, Reader>> = {
  stringValue: (given) => (typeof given === 'string' ? given : undefined),
  boolValue: (given) => (typeof given === 'boolean' ? given : undefined),
  intValue: readInteger,
  doubleValue: readDouble,
  arrayValue: (given, budget, depth) =>
    valuesOf(given)?.map((item) => fromAnyValue(item, budget, depth + 1) ?? null),
  kvlistValue: (given, budget, depth) => {
    const values = valuesOf(given);
    return values && entriesOf(values, () => {}, budget, depth + 1);
  },
  bytesValue: (given) => (typeof given === 'string' ? given : undefined),
};

/** An empty list is written without `values`. */
function valuesOf(given: unknown): readonly unknown[] | undefined {
  if (!isFields(given)) return undefined;
  const values = field(given, 'values') ?? [];
  return Array.isArray(values) ? values : undefined;
}

function readInteger(given: unknown): JsonValue | undefined {
  if (typeof given === 'number') return Number.isInteger(given) ? given : undefined;
  if (typeof given !== 'string' || !/^-?\d{1,19}$/.test(given)) return undefined;
  const number = Number(given);
  return Number.isSafeInteger(number) ? number : given;
}

/** JSON has no word for these three; the JSON mapping of protocol buffers writes them as text. */
function readDouble(given: unknown): JsonValue | undefined {
  if (typeof given === 'number') return Number.isFinite(given) ? given : String(given);
  return given === 'NaN' || given === 'Infinity' || given === '-Infinity' ? given : undefined;
}

/**
 * Reads a list of `KeyValue`; of a repeated key the last value counts.
 *
 * @param onInvalid called once per entry that cannot be read
 */
export function fromKeyValues(list: readonly unknown[], onInvalid: () => void): JsonObject {
  return entriesOf(list, onInvalid, { left: maxValues + list.length }, 0);
}

function entriesOf(
  list: readonly unknown[],
  onInvalid: () => void,
  budget: Budget,
  depth: number,
): JsonObject {
  const entries: [string, JsonValue][] = [];
  for (const item of list) {
    const entry = isFields(item) ? readEntry(item, budget, depth) : undefined;
    if (entry === undefined) onInvalid();
    else entries.push(entry);
  }
  return Object.fromEntries(entries);
}

/** An absent value is the empty one. */
function readEntry(item: Fields, budget: Budget, depth: number): [string, JsonValue] | undefined {
  const key = field(item, 'key');
  const value = fromAnyValue(field(item, 'value') ?? {}, budget, depth);
  return typeof key === 'string' && value !== undefined ? [key, value] : undefined;
}
