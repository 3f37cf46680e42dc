/** One vendor's entry in a `tracestate` list. */
export interface TraceStateMember {
  readonly key: string;
  readonly value: string;
}

/** Why a `tracestate` value is not believed. One bad member voids the whole list. */
export type TraceStateRejection =
  /** A member, or the value itself, does not have the form the standard gives it. */
  | 'tracestate_malformed'
  /** Longer than 32 KiB; the longest list that the standard allows has 16,447 characters without blanks. */
  | 'tracestate_too_large'
  /** More than 32 members. */
  | 'tracestate_too_many_members';

/** What {@link parseTraceState} found: the list, or the reason why there is none. */
export type TraceStateReading =
  | { readonly members: readonly TraceStateMember[]; readonly reason?: undefined }
  | { readonly members: undefined; readonly reason: TraceStateRejection };

const MAX_INPUT = 32_768;
const MAX_MEMBERS = 32;
const MAX_KEY = 256;
const MAX_VALUE = 256;

/** Printable ASCII and tabs: the characters a list may have, so that `trim()` can take nothing but blanks and tabs. */
const printable = /^[\t -~]*$/;
/** A member without its surrounding blanks; its last character is therefore not blank. Lengths are checked apart. */
const member = /^[a-z\d][a-z\d_\-*/@]*=[ -+\--<>-~]+$/;
/** A list without blanks. Up to {@link MAX_SIMPLE} characters it cannot exceed a limit: a member takes four with its comma. */
const simple = /^(?:[a-z\d][a-z\d_\-*/@]*=[!-+\--<>-~]+(?:,(?=.)|$))+$/;
const MAX_SIMPLE = 127;

/**
 * Reads a `tracestate` value into its members, leftmost (newest) first.
 *
 * Total. Empty members are skipped, blanks around members are trimmed, members with the same key are all kept:
 * receivers must neither reject nor reorder them.
 *
 * @example
 * ```ts
 * import { parseTraceState } from '@throughline/core';
 *
 * parseTraceState('rojo=00f067aa0ba902b7, congo=t61rcWkgMzE').members; // [{ key: 'rojo', … }, { key: 'congo', … }]
 * ```
 * @see {@link https://www.w3.org/TR/trace-context-2/#tracestate-header-field-values | W3C Trace Context Level 2, §3.3.1.1}
 */
export function parseTraceState(value: unknown): TraceStateReading {
  const texts = splitTraceState(value);
  return typeof texts === 'string' ? { members: undefined, reason: texts } : { members: texts.map(memberOf) };
}

/**
 * A `tracestate` value as it is passed on, without empty members and blanks around members: the empty string when
 * nothing is left, `undefined` when it is not believed.
 */
export function cleanTraceState(value: unknown): string | undefined {
  if (typeof value === 'string' && value.length <= MAX_SIMPLE && simple.test(value)) return value;
  const texts = splitTraceState(value);
  return typeof texts === 'string' ? undefined : texts.join();
}

/** The members of a `tracestate` value as text, or the reason why it is not believed. */
export function splitTraceState(value: unknown): string[] | TraceStateRejection {
  if (typeof value !== 'string') return 'tracestate_malformed';
  if (value.length > MAX_INPUT) return 'tracestate_too_large';
  if (!printable.test(value)) return 'tracestate_malformed';
  const texts: string[] = [];
  for (const part of value.split(',')) {
    const text = part.trim();
    if (text === '') continue;
    if (!isMember(text)) return 'tracestate_malformed';
    if (texts.push(text) > MAX_MEMBERS) return 'tracestate_too_many_members';
  }
  return texts;
}

/** Options of {@link formatTraceState}. */
export interface FormatTraceStateOptions {
  /**
   * The longest text to write. The standard asks to carry at least 512 characters.
   * @default no limit: 32 members of at most 513 characters
   */
  readonly maxLength?: number | undefined;
}

/**
 * Writes members as a `tracestate` value, leftmost first; an empty list gives the empty string, which is not to be sent.
 *
 * To fit `maxLength` whole members are left out: those longer than 128 characters first, then from the end.
 *
 * @see {@link https://www.w3.org/TR/trace-context-2/#tracestate-limits | W3C Trace Context Level 2, §3.3.1.5}
 */
export function formatTraceState(
  members: readonly TraceStateMember[],
  { maxLength = Number.POSITIVE_INFINITY }: FormatTraceStateOptions = {},
): string {
  const texts = members.map(({ key, value }) => `${key}=${value}`);
  let excess = texts.join(',').length - maxLength;
  const cut = (atLeast: number): void => {
    for (let i = texts.length - 1; i >= 0 && excess > 0; i--) {
      const { length } = texts[i] ?? '';
      if (length <= atLeast) continue;
      texts.splice(i, 1);
      excess -= length + 1;
    }
  };
  cut(128);
  cut(0);
  return texts.join(',');
}

/** The value of `key`, from the leftmost member that has it. */
export function getTraceStateValue(members: readonly TraceStateMember[], key: string): string | undefined {
  return members.find((each) => each.key === key)?.value;
}

/**
 * A new list with `key` set to `value` in front, as the standard demands of a changed member, cut to 32 members from the end.
 *
 * @returns `undefined` when key or value do not have the form of the standard; the given list is never changed
 * @see {@link https://www.w3.org/TR/trace-context-2/#mutating-the-tracestate-field | W3C Trace Context Level 2, §3.5}
 */
export function setTraceStateValue(
  members: readonly TraceStateMember[],
  key: string,
  value: string,
): readonly TraceStateMember[] | undefined {
  if (value.endsWith(' ') || !isMember(`${key}=${value}`)) return undefined;
  return [{ key, value }, ...deleteTraceStateKey(members, key)].slice(0, MAX_MEMBERS);
}

/** A new list without `key`; the order of the others stays. */
export function deleteTraceStateKey(
  members: readonly TraceStateMember[],
  key: string,
): readonly TraceStateMember[] {
  return members.filter((each) => each.key !== key);
}

function isMember(text: string): boolean {
  const equals = text.indexOf('=');
  return equals <= MAX_KEY && text.length - equals - 1 <= MAX_VALUE && member.test(text);
}

function memberOf(text: string): TraceStateMember {
  const equals = text.indexOf('=');
  return { key: text.slice(0, equals), value: text.slice(equals + 1) };
}
