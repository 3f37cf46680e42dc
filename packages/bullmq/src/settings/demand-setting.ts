import { OptionInvalidError } from '@throughline/core';

/**
 * Refuses a setting that cannot be meant.
 *
 * @param path dotted path of the setting
 * @param expected what to give instead, as a phrase: `true or false`
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` unless `isMet`
 */
export function demandSetting(isMet: boolean, path: string, received: unknown, expected: string): void {
  if (!isMet) throw new OptionInvalidError(path, received, expected);
}

/**
 * Refuses what is no object, and a setting that does not exist: one that is mistyped would silently not hold.
 *
 * @param known by name, every setting that exists
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function demandSettings<Settings extends object>(
  path: string,
  given: Settings,
  known: Readonly<Record<keyof Settings, true>>,
): void {
  const received: unknown = given;
  const isObject = typeof received === 'object' && received !== null && !Array.isArray(received);
  demandSetting(isObject, path, given, 'an object, or nothing');
  for (const name of Object.keys(given))
    demandSetting(
      Object.hasOwn(known, name),
      `${path}.${name}`,
      Reflect.get(given, name),
      `a setting that exists: ${Object.keys(known).join(', ')}`,
    );
}
