import { describeError } from '@throughline/core';
import { DatabaseUnavailableError } from './database-unavailable-error.ts';
import { isUnreachable } from './failure-kind.ts';
import type { SqlPool } from './sql-client.ts';
import { unavailableReason } from './unavailable-reason.ts';

/**
 * What a log says of a failure: of a database that cannot be reached where it is and why. No stack leads there, and what the
 * driver says may name a role.
 */
export function failureFields(error: unknown, sql: SqlPool): Readonly<Record<string, unknown>> {
  const address = addressOf(sql);
  if (error instanceof DatabaseUnavailableError) {
    const { operation, reason, cause } = error;
    return { operation, reason, code: codeOf(cause), address };
  }
  if (!isUnreachable(error)) return { error };
  return { reason: unavailableReason(error), code: codeOf(error), address };
}

function codeOf(error: unknown): string | undefined {
  return describeError(error, { maxCauses: 0 }).code;
}

/** Without user and password. */
function addressOf({ options }: SqlPool): string {
  const { host, port, path } = options as Readonly<Record<string, unknown>>;
  if (typeof path === 'string') return path;
  const ports = Array.isArray(port) ? port : [port];
  return (Array.isArray(host) ? host : [host])
    .map((one, index) => `${one}:${ports[index] ?? ports[0]}`)
    .join(',');
}
