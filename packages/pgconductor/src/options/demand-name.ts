import { demandOption } from '@throughline/core';

const maxLength = 255;
const aName = `a text of 1 to ${maxLength} characters, without NUL and without halves of a surrogate pair`;
const surrogates = /[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]/g;

/**
 * Refuses a name that PostgreSQL cannot store, or that nobody would read. Quotes, spaces and every script are fine:
 * names are only ever sent as values.
 *
 * @param path dotted path of what is named: `createTask.name`
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function demandName(path: string, name: unknown): void {
  demandOption(isName(name), path, name, aName);
}

function isName(name: unknown): boolean {
  if (typeof name !== 'string' || name === '' || name.length > maxLength) return false;
  return !name.includes('\0') && isWellFormed(name);
}

/** A half by itself cannot be encoded as UTF-8. */
function isWellFormed(text: string): boolean {
  return (text.match(surrogates) ?? []).every((match) => match.length === 2);
}
