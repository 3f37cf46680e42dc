import type { ConductorCore } from '../conductor/conductor-core.ts';
import { DatabaseUnavailableError } from '../database/database-unavailable-error.ts';
import { query } from '../database/query.ts';

/** A table and an operation on it. */
interface RowTarget {
  readonly schema: string;
  readonly table: string;
  readonly operation: string;
}

/**
 * Brings functions and triggers on the tables of the application in line with the active triggers. A table that stays locked
 * is left for the next time.
 *
 * @returns names of those that are not done: `public.contact.insert`
 */
export async function installRowTriggers({ database, queries }: ConductorCore): Promise<readonly string[]> {
  const { answer } = await query<{ answer: string }>(database.sql, queries.staleRowTriggers, []);
  const targets: readonly RowTarget[] = JSON.parse(answer);
  for (const target of targets) await query(database.sql, queries.writeRowFunction, [JSON.stringify(target)]);
  const locked: string[] = [];
  for (const target of targets) {
    try {
      await query(database.sql, queries.attachRowTrigger, [JSON.stringify(target)]);
    } catch (error) {
      if (!isLocked(error)) throw error;
      locked.push(`${target.schema}.${target.table}.${target.operation}`);
    }
  }
  return locked;
}

const lockNotAvailable = '55P03';

function isLocked(error: unknown): boolean {
  if (!(error instanceof DatabaseUnavailableError)) return false;
  return (error.cause as { code?: unknown } | undefined)?.code === lockNotAvailable;
}
