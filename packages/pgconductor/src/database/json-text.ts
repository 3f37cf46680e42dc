import { ValueUnstorableError } from './value-unstorable-error.ts';

/** What PostgreSQL takes for no text: the escape of NUL, and halves of surrogate pairs. */
const suspicious = /\\u(?:0000|d[89ab]|dc|dd|de|df)/i;
/** Of an escape that is one, and is not a backslash that was escaped itself. */
const escapes = /\\(?:u(?:0000|d[89a-f][0-9a-f]{2})|.)/gi;

/** A value as JSON, and whether some of its characters had to be replaced. */
export interface JsonText {
  readonly text: string;
  /** Whether NUL or halves of surrogate pairs became U+FFFD: PostgreSQL cannot keep them. */
  readonly isReplaced: boolean;
}

/**
 * Writes a value as JSON that PostgreSQL takes; `undefined` is `null`.
 *
 * @param what for the message: `'the result'`
 * @throws ValueUnstorableError `THROUGHLINE_PGCONDUCTOR_VALUE_UNSTORABLE` when it has no JSON, or too much
 */
export function jsonText(what: string, value: unknown, maxBytes: number): JsonText {
  const text = stringify(what, value);
  const isLarge = text.length > maxBytes || (text.length * 3 > maxBytes && byteLength(text) > maxBytes);
  if (isLarge)
    throw new ValueUnstorableError(
      what,
      `is larger than ${maxBytes} bytes; store it elsewhere and pass where`,
    );
  if (!suspicious.test(text)) return { text, isReplaced: false };
  const storable = text.replace(escapes, (found) => (found.length > 2 ? '\\ufffd' : found));
  return { text: storable, isReplaced: storable !== text };
}

function stringify(what: string, value: unknown): string {
  const unwritable = 'cannot be written as JSON';
  let text: string | undefined;
  try {
    text = value === undefined ? 'null' : JSON.stringify(value);
  } catch (error) {
    throw new ValueUnstorableError(what, unwritable, error);
  }
  if (text === undefined) throw new ValueUnstorableError(what, unwritable);
  return text;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
