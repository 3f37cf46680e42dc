import { describeError } from '../errors/describe-error.ts';
import { countFailure } from './count-failure.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * How the span of consumed work stands to the one that sent it: the words of every source's setting `relation`.
 *
 * - `parent`: it continues the trace of the sender.
 * - `link`: it starts a trace of its own, which links to the sender.
 * - `auto`: the source decides by what it knows of the work; its own documentation says how.
 */
export type Relation = 'parent' | 'link' | 'auto';

/** One relation for all work, or a function that tells that of each. @see {@link relationOf} */
export type RelationSetting<Work> = Relation | ((work: Work) => Relation);

/**
 * Whether `value` is one of the three words of {@link Relation}.
 *
 * @example
 * ```ts
 * import { demandOption, isRelation } from '@throughline/core';
 *
 * export function demandRelation(relation: unknown): void {
 *   demandOption(isRelation(relation), 'mailer.relation', relation, "'parent', 'link' or 'auto'");
 * }
 * ```
 */
export function isRelation(value: unknown): value is Relation {
  return value === 'parent' || value === 'link' || value === 'auto';
}

/**
 * What a setting says of one piece of work. Never throws: a function of the user's that throws, or returns anything else, is
 * counted ({@link countFailure}) and means `auto`. Of what it threw only the type is told, as its words may quote the work.
 *
 * @param work `undefined` where nothing is known of it: then a function is not asked, and means `auto`
 * @param hook by which a failure is counted: `bullmq.relation`
 * @example
 * ```ts
 * import { relationOf, type RelationSetting, type Telemetry } from '@throughline/core';
 *
 * interface Mail {
 *   readonly isBulk: boolean;
 * }
 *
 * export function isLinked(telemetry: Telemetry, setting: RelationSetting<Mail>, mail: Mail): boolean {
 *   const relation = relationOf(telemetry, setting, mail, 'mailer.relation');
 *   return relation === 'auto' ? mail.isBulk : relation === 'link';
 * }
 * ```
 */
export function relationOf<Work>(
  telemetry: Telemetry,
  setting: RelationSetting<Work>,
  work: Work | undefined,
  hook: string,
): Relation {
  if (typeof setting !== 'function') return setting;
  if (work === undefined) return 'auto';
  try {
    const answer: unknown = setting(work);
    if (isRelation(answer)) return answer;
    Promise.resolve(answer).catch(() => {}); // Nobody waits for it, and nobody would hear it reject.
    countFailure(telemetry, hook, new TypeError(`${typeof answer} is no relation`));
  } catch (error) {
    countFailure(telemetry, hook, withoutWords(error));
  }
  return 'auto';
}

function withoutWords(error: unknown): Error {
  const { type } = describeError(error, { maxCauses: 0 });
  return new TypeError(`the function of the setting \`relation\` threw: ${type}`);
}
