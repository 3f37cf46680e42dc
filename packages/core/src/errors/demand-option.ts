import { OptionInvalidError } from './option-invalid-error.ts';

/**
 * Refuses an option that cannot be meant.
 *
 * @param option dotted path of the option: `EventWriter.maxEvents`
 * @param expected what to give instead, as a phrase: `a positive integer`
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` unless `isMet`
 *
 * @example
 * ```ts
 * import { demandOption } from '@throughline/core';
 *
 * export function createPoller(intervalMs: number): void {
 *   demandOption(intervalMs >= 100, 'createPoller.intervalMs', intervalMs, 'at least 100 milliseconds');
 * }
 * ```
 */
export function demandOption(isMet: boolean, option: string, received: unknown, expected: string): void {
  if (!isMet) throw new OptionInvalidError(option, received, expected);
}

/** By name, every option that exists, in whichever member of a union. */
export type KnownOptions<Options extends object> = Readonly<Record<KeyOfEach<Options>, true>>;
type KeyOfEach<Union> = Union extends object ? keyof Union : never;

/**
 * Refuses what is no object of options, and an option that does not exist: one that is mistyped would silently not hold.
 *
 * @param path what the options are given to: `createPoller`
 * @param known by name, every option that exists; the compiler asks for all of them
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 *
 * @example
 * ```ts
 * import { demandOptions } from '@throughline/core';
 *
 * interface PollerOptions {
 *   readonly intervalMs?: number | undefined;
 * }
 *
 * export function createPoller(options: PollerOptions = {}): void {
 *   demandOptions('createPoller', options, { intervalMs: true });
 * }
 * ```
 */
export function demandOptions<Options extends object>(
  path: string,
  given: Options,
  known: KnownOptions<Options>,
): void {
  const names = Object.keys(known).join(', ');
  demandOption(isOptions(given), path, given, `an object with ${names}`);
  for (const name of Object.keys(given))
    demandOption(
      Object.hasOwn(known, name),
      `${path}.${name}`,
      Reflect.get(given, name),
      `only what exists: ${names}`,
    );
}

function isOptions(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether `value` can be called for each of `methods`: how ports are told from everything else. */
export function hasMethods(value: unknown, ...methods: readonly string[]): boolean {
  const owner = value as Readonly<Record<string, unknown>> | null | undefined;
  return methods.every((method) => typeof owner?.[method] === 'function');
}
