import type { SchemaVersion } from '../database/schema-version.ts';

/** How a schema stands to this package: `up to date (0012-observation)`. */
export function versionText(version: SchemaVersion): string {
  const { schemaVersion, knownVersion, schemaState, pendingMigrations, unknownMigrations } = version;
  const unknown = unknownMigrations.join(', ');
  if (schemaState === 'current') return `up to date (${schemaVersion})`;
  if (schemaState === 'behind')
    return `behind this package (${schemaVersion}), run \`pgconductor migrate\`; pending: ${pendingMigrations.join(', ')}`;
  const newer = `newer than this package, which knows ${knownVersion} and not ${unknown}`;
  return schemaState === 'newer'
    ? `${newer}; both work together`
    : `${newer}; workers of this version are refused, deploy the newer one`;
}
