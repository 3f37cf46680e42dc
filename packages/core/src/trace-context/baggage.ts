import { decodePercent, encodePercent } from './percent-encoding.ts';

/** Metadata of a baggage member: `ttl=30`, or a key alone. The standard gives it no meaning. */
export interface BaggageProperty {
  readonly key: string;
  readonly value?: string | undefined;
}

/** One key of the baggage, with its decoded value. */
export interface BaggageMember {
  /** An HTTP token. Case matters. */
  readonly key: string;
  /** Any Unicode text. */
  readonly value: string;
  /** @default none */
  readonly properties?: readonly BaggageProperty[] | undefined;
}

/** What {@link parseBaggage} found. */
export interface BaggageReading {
  /** In the order of the text; a key may occur more than once. */
  readonly members: readonly BaggageMember[];
  /** How many members were left out because they do not have the form the standard gives them. */
  readonly rejected: number;
  /** `true` when members were left out because the text goes beyond 64 members or 8,192 bytes. */
  readonly truncated: boolean;
}

const MAX_MEMBERS = 64;
const MAX_BYTES = 8192;

const token = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
const encoded = /^[!#-+\--:<-[\]-~]*$/;

/**
 * Reads a `baggage` value.
 *
 * Total, and its work is bounded whatever the size of the input: up to 64 members that end within the first 8,192 bytes
 * are read, each whole or not at all. A malformed member is left out, the others stay.
 *
 * @example
 * ```ts
 * import { parseBaggage } from '@throughline/core';
 *
 * parseBaggage('tenant=acme,greeting=gr%C3%BC%C3%9F%20dich;ttl=30').members[1]?.value; // 'grüß dich'
 * ```
 * @see {@link https://www.w3.org/TR/baggage/#header-content | W3C Baggage, §3.2}
 */
export function parseBaggage(value: unknown): BaggageReading {
  const members: BaggageMember[] = [];
  if (typeof value !== 'string') {
    return { members, rejected: value === undefined || value === null ? 0 : 1, truncated: false };
  }
  let rejected = 0;
  for (const part of withinLimit(value).split(',')) {
    const text = trimBlanks(part);
    if (text === '') continue;
    if (members.length === MAX_MEMBERS) return { members, rejected, truncated: true };
    const member = memberOf(text);
    if (member === undefined) rejected++;
    else members.push(member);
  }
  return { members, rejected, truncated: value.length > MAX_BYTES };
}

/**
 * Writes members as a `baggage` value, values percent-encoded; the empty string when there is nothing to send.
 *
 * Members that do not fit into 64 members and 8,192 bytes, or whose key is not an HTTP token, are left out whole.
 *
 * @example
 * ```ts
 * import { formatBaggage } from '@throughline/core';
 *
 * formatBaggage([{ key: 'tenant', value: 'acme & sons', properties: [{ key: 'ttl', value: '30' }] }]);
 * // 'tenant=acme%20&%20sons;ttl=30'
 * ```
 * @see {@link https://www.w3.org/TR/baggage/#limits | W3C Baggage, §3.2.2}
 */
export function formatBaggage(members: readonly BaggageMember[]): string {
  const texts: string[] = [];
  let bytes = -1;
  for (const member of members) {
    const text = textOf(member);
    if (text === undefined || texts.length === MAX_MEMBERS || bytes + 1 + text.length > MAX_BYTES) continue;
    texts.push(text);
    bytes += 1 + text.length;
  }
  return texts.join(',');
}

/**
 * The part of a received `baggage` value that may be passed on: the members whose key is on the list, in their order.
 * Without a list nothing is. Baggage comes from outside and goes to everyone downstream; Throughline never forwards or
 * stores it unasked.
 *
 * @returns `undefined` when nothing is left
 * @example
 * ```ts
 * import { type Carrier, forwardBaggage, readCarrier } from '@throughline/core';
 *
 * declare const headers: Record<string, string>;
 * const reading = readCarrier(headers);
 * const carrier: Carrier = {};
 * if (reading.context) carrier.baggage = forwardBaggage(reading.baggage, ['tenant']);
 * ```
 * @see {@link https://www.w3.org/TR/baggage/#security-considerations | W3C Baggage, security considerations}
 */
export function forwardBaggage(value: unknown, allowedKeys: readonly string[] = []): string | undefined {
  if (allowedKeys.length === 0) return undefined;
  const { members } = parseBaggage(value);
  return formatBaggage(members.filter(({ key }) => allowedKeys.includes(key))) || undefined;
}

/** The members that end within the limit. Nothing is looked at beyond it, so that a huge text costs nothing. */
function withinLimit(text: string): string {
  return text.length <= MAX_BYTES ? text : text.slice(0, Math.max(0, text.lastIndexOf(',', MAX_BYTES)));
}

function memberOf(text: string): BaggageMember | undefined {
  const [head = '', ...rest] = text.split(';');
  const { key, value } = pairOf(head);
  if (value === undefined || !isPair(key, value)) return undefined;
  const properties: BaggageProperty[] = [];
  for (const part of rest) {
    const property = pairOf(part);
    if (!isPair(property.key, property.value)) return undefined;
    properties.push({
      key: property.key,
      value: property.value === undefined ? undefined : decodePercent(property.value),
    });
  }
  return { key, value: decodePercent(value), properties: properties.length === 0 ? undefined : properties };
}

/** Splits at the first `=`: a value may contain more of them. */
function pairOf(text: string): { readonly key: string; readonly value: string | undefined } {
  const equals = text.indexOf('=');
  return equals < 0
    ? { key: trimBlanks(text), value: undefined }
    : { key: trimBlanks(text.slice(0, equals)), value: trimBlanks(text.slice(equals + 1)) };
}

function isPair(key: string, value: string | undefined): boolean {
  return token.test(key) && (value === undefined || encoded.test(value));
}

function textOf({ key, value, properties = [] }: BaggageMember): string | undefined {
  let text = `${key}=${encodePercent(value)}`;
  for (const property of properties) {
    if (!token.test(property.key)) return undefined;
    text += `;${property.key}${property.value === undefined ? '' : `=${encodePercent(property.value)}`}`;
  }
  return token.test(key) ? text : undefined;
}

/** Blanks and tabs, and nothing else that `trim()` would take: other white space makes a member malformed. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
