import { OptionInvalidError } from '@throughline/core';

/**
 * Refuses a setting that cannot be meant.
 *
 * @param path dotted path of the setting: `createTask.maxAttempts`
 * @param expected what to give instead, as a phrase: `a whole number from 1`
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` unless `isMet`
 */
export function demandSetting(isMet: boolean, path: string, received: unknown, expected: string): void {
  if (!isMet) throw new OptionInvalidError(path, received, expected);
}

/** By name, every setting that exists. */
export type KnownSettings<Settings extends object> = Readonly<Record<KeyOfEach<Settings>, true>>;
type KeyOfEach<Union> = Union extends object ? keyof Union : never;

/**
 * Refuses what is no object, and a setting that does not exist: one that is mistyped would silently not hold.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function demandSettings<Settings extends object>(
  path: string,
  given: Settings,
  known: KnownSettings<Settings>,
): void {
  demandSetting(isPlainObject(given), path, given, `an object with ${Object.keys(known).join(', ')}`);
  for (const name of Object.keys(given))
    demandSetting(
      Object.hasOwn(known, name),
      `${path}.${name}`,
      Reflect.get(given, name),
      `a setting that exists: ${Object.keys(known).join(', ')}`,
    );
}

/** Whether `value` is an object and no array. */
export function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether `value` is a whole number in that range; false for text that looks like one, and for NaN. */
export function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
