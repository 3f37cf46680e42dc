import { ThroughlineError } from '@throughline/core';

/** What there is of a schema: not even its name, nothing of ours, or that of a version before. */
export type SchemaRemains = 'none' | 'empty' | 'behind';

/**
 * The schema is not there, or not up to date. Code `THROUGHLINE_PGCONDUCTOR_SCHEMA_MISSING`.
 *
 * `conductor.migrate()` or `pgconductor migrate` makes it.
 */
export class SchemaMissingError extends ThroughlineError {
  readonly schema: string;

  constructor(schema: string, cause: unknown, remains?: SchemaRemains | undefined) {
    super('THROUGHLINE_PGCONDUCTOR_SCHEMA_MISSING', messageOf(JSON.stringify(schema), remains), { cause });
    this.schema = schema;
  }

  override get name(): string {
    return 'SchemaMissingError';
  }
}

function messageOf(schema: string, remains: SchemaRemains | undefined): string {
  if (remains === 'none')
    return `There is no schema ${schema} in this database: run \`pgconductor migrate\`, or correct its name.`;
  if (remains === 'empty')
    return `The schema ${schema} has nothing of pgconductor in it: run \`pgconductor migrate\`, or correct its name.`;
  if (remains === 'behind')
    return `The schema ${schema} is of a version before this one: run \`pgconductor migrate\`.`;
  return `The schema ${schema} is not there, or not up to date: run \`pgconductor migrate\`.`;
}
