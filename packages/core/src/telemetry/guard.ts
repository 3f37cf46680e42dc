import { TelemetryInvalidError } from '../errors/telemetry-invalid-error.ts';
import { FailureLog, type FailureReport } from './failure-log.ts';
import { GuardedTelemetry } from './guarded-telemetry.ts';
import { noopTelemetry } from './noop.ts';
import type { Telemetry } from './telemetry.ts';

export interface ResolveTelemetryOptions {
  /**
   * Told the first failure of a telemetry object; later ones are counted only.
   *
   * @default `console.warn`
   */
  readonly report?: FailureReport | undefined;
}

/** What is safe to call, by the object it was made of and by itself. */
const guards = new WeakMap<object, Telemetry>();
const logs = new WeakMap<Telemetry, readonly FailureLog[]>();

/** Declares that `telemetry` needs no guard: all it does is call telemetries that have one. */
export function trust(telemetry: Telemetry, failures: readonly FailureLog[]): Telemetry {
  guards.set(telemetry, telemetry);
  logs.set(telemetry, failures);
  return telemetry;
}

/** The failure logs behind a telemetry that {@link resolveTelemetry} returned; none for the no-op. */
export function failureLogsOf(telemetry: Telemetry): readonly FailureLog[] {
  return logs.get(telemetry) ?? [];
}

/**
 * Makes what a user gave as `telemetry` safe to call. Every source does this once, at construction.
 *
 * - Nothing gives {@link noopTelemetry} itself, so that a hot path can skip by identity.
 * - Members that are absent are filled from it; a few measurements need no more than `{ emitEvent }`.
 * - Anything else is guarded: no hook that throws, rejects, hangs or returns nonsense changes a result, an error, an
 *   order or a duration of the host, and host functions run exactly once. What failed is counted, see
 *   {@link telemetryHealth}, and the first failure is reported.
 * - The same object gives the same guard, and a guard gives itself.
 *
 * Members are read once. A member whose getter throws is counted and treated as absent.
 *
 * @throws TelemetryInvalidError `THROUGHLINE_TELEMETRY_INVALID` for what cannot be meant: not an object, an object
 * without any member of {@link Telemetry}, an OpenTelemetry tracer, a member that is not a function
 * @example
 * ```ts
 * import { resolveTelemetry, type Telemetry } from '@throughline/core';
 *
 * class Mailer {
 *   readonly #telemetry: Telemetry;
 *   constructor(options: { telemetry?: Partial<Telemetry> | undefined } = {}) {
 *     this.#telemetry = resolveTelemetry(options.telemetry);
 *   }
 * }
 * ```
 */
export function resolveTelemetry(
  telemetry?: Partial<Telemetry> | null | undefined,
  options?: ResolveTelemetryOptions,
): Telemetry {
  if (telemetry === undefined || telemetry === null || telemetry === noopTelemetry) return noopTelemetry;
  return guards.get(telemetry) ?? guard(telemetry, new FailureLog(options?.report));
}

function guard(telemetry: Partial<Telemetry>, log: FailureLog): Telemetry {
  const guarded = new GuardedTelemetry(complete(telemetry, log), log);
  guards.set(telemetry, guarded);
  return trust(guarded, [log]);
}

/** A telemetry has at least one of these: the other members bring nothing by themselves. */
const bringing = [
  'startSpan',
  'withContext',
  'activeContext',
  'propagation',
  'emitEvent',
  'observe',
  'importSpans',
] as const;

/** What `telemetry` has, over what the no-op has. */
function complete(telemetry: Partial<Telemetry>, log: FailureLog): Telemetry {
  const given: Partial<Telemetry> = membersOf(telemetry, 'telemetry', everyMember, log);
  const brings = bringing.some((member) => given[member]) || log.lastError !== undefined;
  if (!brings) throw new TelemetryInvalidError('telemetry', 'has no hook of Telemetry', aTelemetry);
  if (!given.withContext && memberOf(telemetry, 'startActiveSpan', log)) {
    throw new TelemetryInvalidError(
      'telemetry',
      'is an OpenTelemetry tracer',
      'createOtelTelemetry({ tracer })',
    );
  }
  return {
    ...noopTelemetry,
    isEnabled: (signal) => Boolean(signal === 'spans' ? given.startSpan : (given.emitEvent ?? given.observe)),
    ...given,
    identity: memberOf(telemetry, 'identity', log) === 'own' ? 'own' : 'given',
  };
}

const everyMember: object = { ...noopTelemetry, importSpans: noopTelemetry.emitEvent };
const aTelemetry = 'createOtelTelemetry(), createEventTelemetry() or an object with hooks of Telemetry';

/** The members of `owner` that `pattern` has too: hooks bound to their owner, and objects completed by the pattern. */
function membersOf(owner: unknown, path: string, pattern: object, log: FailureLog): object {
  if (owner === null || (typeof owner !== 'object' && typeof owner !== 'function')) {
    throw new TelemetryInvalidError(path, `is ${String(owner)}`, aTelemetry);
  }
  const members: Record<string, unknown> = {};
  for (const [name, expected] of Object.entries(pattern)) {
    const member = memberOf(owner, name, log);
    if (member === undefined) continue;
    if (typeof expected === 'object' && member !== expected) {
      members[name] = { ...expected, ...membersOf(member, `${path}.${name}`, expected, log) };
    } else if (typeof member === typeof expected) members[name] = member;
    else
      throw new TelemetryInvalidError(
        `${path}.${name}`,
        `is of type ${typeof member}`,
        `a ${typeof expected}`,
      );
  }
  return members;
}

/** A member whose getter throws is counted, and absent. */
function memberOf(owner: object, name: string, log: FailureLog): unknown {
  try {
    const member = (owner as Readonly<Record<string, unknown>>)[name];
    return typeof member === 'function' ? member.bind(owner) : member;
  } catch (error) {
    log.count(name, error);
    return undefined;
  }
}
