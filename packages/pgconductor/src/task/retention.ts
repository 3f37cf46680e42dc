import { demandOption, demandOptions } from '@throughline/core';
import { isPlainObject } from '../options/option-checks.ts';

/** What becomes of an execution that has ended: `true` removes it at once, `false` keeps it for ever. */
export type Retention =
  | boolean
  | {
      /** How long it is kept, from when it ended; above 0, fractions allowed, at most 36,500. */
      readonly days: number;
    };

const dayMs = 86_400_000;
const aRetention = 'true (removed at once), false (kept for ever) or { days: 7 }';

/**
 * For how many milliseconds an execution is kept; `Infinity` for ever.
 *
 * @param path of the setting, for the message
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function resolveRetention(path: string, retention: Retention): number {
  if (typeof retention === 'boolean') return retention ? 0 : Number.POSITIVE_INFINITY;
  demandOption(isPlainObject(retention), path, retention, aRetention);
  demandOptions(path, retention, { days: true });
  const { days } = retention;
  const isSpan = typeof days === 'number' && days > 0 && days <= 36_500;
  demandOption(isSpan, `${path}.days`, days, 'a number of days above 0, at most 36500');
  return Math.ceil(days * dayMs);
}
