import { allMigrations } from './migrations/all-migrations.ts';

/** A migration that was applied. */
export interface AppliedMigration {
  readonly name: string;
  /** Workers of versions before it are refused. */
  readonly isBreaking: boolean;
  /** In milliseconds since the epoch. */
  readonly appliedAt: number;
}

/** How a schema stands to this version of the package. */
export interface SchemaVersion {
  /** The newest migration that was applied. */
  readonly schemaVersion: string | null;
  /** The newest one that this version of the package knows. */
  readonly knownVersion: string | null;
  /**
   * `current`; `behind`, when migrations of this package are pending; `newer`, when there are some that it does not know;
   * `incompatible`, when one of those is breaking: workers of this version are refused.
   */
  readonly schemaState: 'current' | 'behind' | 'newer' | 'incompatible';
  /** Migrations of this version that have not been applied. */
  readonly pendingMigrations: readonly string[];
  /** Migrations that were applied, and that this version does not know. */
  readonly unknownMigrations: readonly string[];
}

export function schemaVersionOf(applied: readonly AppliedMigration[]): SchemaVersion {
  const known = allMigrations.map(({ name }) => name);
  const there = new Set(applied.map(({ name }) => name));
  const unknown = applied.filter(({ name }) => !known.includes(name));
  const pending = known.filter((name) => !there.has(name));
  return {
    schemaVersion: applied.at(-1)?.name ?? null,
    knownVersion: known.at(-1) ?? null,
    schemaState: stateOf(pending, unknown),
    pendingMigrations: pending,
    unknownMigrations: unknown.map(({ name }) => name),
  };
}

function stateOf(
  pending: readonly string[],
  unknown: readonly AppliedMigration[],
): SchemaVersion['schemaState'] {
  if (unknown.some(({ isBreaking }) => isBreaking)) return 'incompatible';
  if (pending.length > 0) return 'behind';
  return unknown.length > 0 ? 'newer' : 'current';
}
