import type { StoredError } from '../events/trace-event.ts';

/** How much of an error is kept. */
export interface DescribeErrorOptions {
  /** Whether stack traces are kept; they may tell paths and arguments. @default false */
  readonly stack?: boolean | undefined;
  /** Longest message, in UTF-16 code units. @default 2048 */
  readonly maxMessageLength?: number | undefined;
  /** How many causes are followed. @default 8 */
  readonly maxCauses?: number | undefined;
}

const maxTypeLength = 128;
const maxStackLength = 8192;

/**
 * Describes whatever was thrown as plain data, in the form in which errors are stored.
 *
 * Total: getters and proxies that throw, circular causes, values that are no errors and messages of any length give a
 * description. The type is the error's `name`, or that of its class where nobody set a name. An `AggregateError` without
 * a cause is described with its first error as cause.
 *
 * @example
 * ```ts
 * import { describeError } from '@throughline/core';
 *
 * describeError(new TypeError('no funds', { cause: 'limit' }));
 * // { type: 'TypeError', message: 'no funds', cause: { type: 'string', message: 'limit' } }
 * ```
 * @see {@link https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/ | OpenTelemetry: error.type}
 */
export function describeError(error: unknown, options: DescribeErrorOptions = {}): StoredError {
  return describeChain(error, options, []);
}

function describeChain(
  error: unknown,
  options: DescribeErrorOptions,
  outer: readonly unknown[],
): StoredError {
  const { stack: withStack = false, maxMessageLength = 2048, maxCauses = 8 } = options;
  const described: { -readonly [field in keyof StoredError]: StoredError[field] } = {
    type: cut(typeOf(error), maxTypeLength),
    message: cut(messageOf(error), maxMessageLength),
  };
  const code = read(error, 'code');
  if (isText(code) || typeof code === 'number') described.code = cut(String(code), maxTypeLength);
  const stack = withStack && read(error, 'stack');
  if (isText(stack)) described.stack = cut(stack, maxStackLength);
  const chain = [...outer, error];
  const cause = read(error, 'cause') ?? firstErrorOf(error);
  const follow = cause !== undefined && cause !== null && !chain.includes(cause) && chain.length <= maxCauses;
  if (follow) described.cause = describeChain(cause, options, chain);
  return described;
}

/** A name that somebody set says most; where it was left at `Error`, the class says more. */
function typeOf(error: unknown): string {
  if (!isObject(error)) return error === null ? 'null' : typeof error;
  const name = read(error, 'name');
  if (isText(name) && name !== 'Error') return name;
  const className = read(read(error, 'constructor'), 'name');
  return isText(className) ? className : isText(name) ? name : 'object';
}

function messageOf(error: unknown): string {
  if (!isObject(error)) return String(error);
  const message = read(error, 'message');
  if (isText(message)) return message;
  const first = firstErrorOf(error);
  if (first !== undefined) return `several errors, the first: ${messageOf(first)}`;
  return message === '' ? '' : keysOf(error);
}

/** What an object that is no error can say without telling its values. */
function keysOf(value: object): string {
  try {
    return `thrown object with the keys: ${Object.keys(value).slice(0, 8).join(', ')}`;
  } catch {
    return 'unreadable';
  }
}

/** The first error of an `AggregateError`, unless that is itself an aggregate: those nest without a bound. */
function firstErrorOf(error: unknown): unknown {
  const first = read(read(error, 'errors'), '0');
  return read(first, 'errors') === undefined ? first : undefined;
}

/** Reads a property of anything; what throws or has no properties gives `undefined`. */
function read(owner: unknown, name: string): unknown {
  try {
    return (owner as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Cuts between characters: half of a surrogate pair cannot be encoded as UTF-8. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const kept = text.slice(0, length - 1);
  const last = kept.charCodeAt(kept.length - 1);
  return `${last >= 0xd800 && last <= 0xdbff ? kept.slice(0, -1) : kept}…`;
}
