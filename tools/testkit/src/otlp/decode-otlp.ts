import protobuf from 'protobufjs';
import { exportRequests, type OtlpSignal } from './otlp-schema.ts';

/** How a request was written: `application/json` or `application/x-protobuf`. */
export type OtlpEncoding = 'json' | 'protobuf';

/** A message in the shape of OTLP/JSON: camelCase names, hex ids, 64-bit integers as decimal text. */
export type OtlpJson = { [field: string]: unknown };

/** Deeper nesting of attribute values than any exporter writes. */
const MAX_DEPTH = 100;

/**
 * Reads an export request of either encoding into one shape, that of OTLP/JSON.
 *
 * Fields that the schema does not name are dropped, as the protocol asks; `null` counts as absent.
 *
 * @throws Error naming the offending field when the body is not such a request
 * @see {@link https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding | OTLP, JSON Protobuf encoding}
 */
export function decodeOtlp(signal: OtlpSignal, encoding: OtlpEncoding, body: Uint8Array): OtlpJson {
  const type = exportRequests[signal];
  const value: unknown =
    encoding === 'protobuf'
      ? type.toObject(type.decode(body), { longs: String })
      : JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  return readMessage(type, value, 'body', 0);
}

function readMessage(type: protobuf.Type, value: unknown, path: string, depth: number): OtlpJson {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'an object');
  if (depth > MAX_DEPTH) throw wrong(path, `nested at most ${MAX_DEPTH} deep`);
  const message: OtlpJson = {};
  for (const field of type.fieldsArray) {
    const given: unknown = Object.hasOwn(value, field.name)
      ? value[field.name as keyof typeof value]
      : undefined;
    if (given === undefined || given === null) continue;
    message[field.name] = readField(field, given, `${path}.${field.name}`, depth);
  }
  return message;
}

function readField(field: protobuf.Field, value: unknown, path: string, depth: number): unknown {
  if (!field.repeated) return readOne(field, value, path, depth);
  if (!Array.isArray(value)) throw wrong(path, 'an array');
  return value.map((item, index) => readOne(field, item, `${path}[${index}]`, depth));
}

function readOne(field: protobuf.Field, value: unknown, path: string, depth: number): unknown {
  if (field.resolvedType instanceof protobuf.Type)
    return readMessage(field.resolvedType, value, path, depth + 1);
  // OTLP/JSON knows enum values as numbers only.
  if (field.resolvedType instanceof protobuf.Enum) return readInt32(value, path);
  switch (field.type) {
    case 'string':
      if (typeof value !== 'string') throw wrong(path, 'a string');
      return value;
    case 'bool':
      if (typeof value !== 'boolean') throw wrong(path, 'true or false');
      return value;
    case 'double':
      return readDouble(value, path);
    case 'bytes':
      return field.name in ID_DIGITS ? readId(field.name as IdField, value, path) : readBytes(value, path);
    case 'int64':
    case 'uint64':
    case 'fixed64':
    case 'sfixed64':
      return readInt64(value, path);
    default:
      return readInt32(value, path);
  }
}

const ID_DIGITS = { traceId: 32, spanId: 16, parentSpanId: 16 } as const;
type IdField = keyof typeof ID_DIGITS;

/** Ids are hex text in OTLP/JSON, unlike other bytes; an empty one means "none". */
function readId(field: IdField, value: unknown, path: string): string {
  const hex = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  const digits = ID_DIGITS[field];
  if (typeof hex !== 'string' || !/^[\da-f]*$/i.test(hex) || (hex !== '' && hex.length !== digits))
    throw wrong(path, `${digits} hex digits`);
  return hex.toLowerCase();
}

function readBytes(value: unknown, path: string): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value !== 'string' || !/^[\w+/-]*={0,2}$/.test(value)) throw wrong(path, 'base64 text');
  return value;
}

function readInt64(value: unknown, path: string): string {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value).toString();
  if (typeof value !== 'string' || !/^-?\d{1,20}$/.test(value))
    throw wrong(path, 'an integer or its decimal text');
  return value;
}

function readInt32(value: unknown, path: string): number {
  const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw wrong(path, 'an integer');
  return number;
}

function readDouble(value: unknown, path: string): number {
  if (typeof value === 'number') return value;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (Number.isNaN(number) && value !== 'NaN') throw wrong(path, 'a number');
  return number;
}

function wrong(path: string, expected: string): Error {
  return new Error(`${path} is not ${expected}`);
}
