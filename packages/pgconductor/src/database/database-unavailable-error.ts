import { ThroughlineError } from '@throughline/core';
import { type UnavailableReason, unavailableReason, unavailableTexts } from './unavailable-reason.ts';

/**
 * The database gave no answer, and asking again did not help; `reason` says why. Code
 * `THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE`.
 *
 * Whether the statement took effect is not known unless `wasSent` is false. The message names neither role nor password;
 * the `cause` is what the driver said, which may name the role.
 */
export class DatabaseUnavailableError extends ThroughlineError {
  /** What was asked: `invoke`. */
  readonly operation: string;
  /** Whether the statement may have reached the database. */
  readonly wasSent: boolean;
  /** For programs; the message says it for people, and what to do. */
  readonly reason: UnavailableReason;

  constructor(operation: string, wasSent: boolean, cause: unknown) {
    const reason = unavailableReason(cause);
    const [because, advice] = unavailableTexts[reason];
    super(
      'THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE',
      `No answer to ${operation}, because ${because}${placeOf(cause)}. ${advice}`,
      { cause },
    );
    this.operation = operation;
    this.wasSent = wasSent;
    this.reason = reason;
  }

  override get name(): string {
    return 'DatabaseUnavailableError';
  }
}

/** Where the driver tried to go, as far as it says: `: db.example.org`, `: 127.0.0.1:5432`. */
function placeOf(cause: unknown): string {
  const tried: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  const { address, hostname, port } = (tried ?? {}) as Readonly<Record<string, unknown>>;
  const host = address ?? hostname;
  if (host === undefined) return '';
  return `: ${host}${port === undefined ? '' : `:${port}`}`;
}
