import { OptionInvalidError } from './option-invalid-error.ts';

/**
 * Refuses an option that cannot be meant.
 *
 * @param option dotted path of the option
 * @param expected what to give instead, as a phrase: `a positive integer`
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` unless `isMet`
 */
export function demandOption(isMet: boolean, option: string, received: unknown, expected: string): void {
  if (!isMet) throw new OptionInvalidError(option, received, expected);
}

/** Whether `value` can be called for each of `methods`: how ports are told from everything else. */
export function hasMethods(value: unknown, ...methods: readonly string[]): boolean {
  const owner = value as Readonly<Record<string, unknown>> | null | undefined;
  return methods.every((method) => typeof owner?.[method] === 'function');
}
