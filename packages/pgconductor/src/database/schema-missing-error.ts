import { ThroughlineError } from '@throughline/core';

/**
 * The schema is not there, or not up to date. Code `THROUGHLINE_PGCONDUCTOR_SCHEMA_MISSING`.
 *
 * `conductor.migrate()` or `pgconductor migrate` makes it.
 */
export class SchemaMissingError extends ThroughlineError {
  readonly schema: string;

  constructor(schema: string, cause: unknown) {
    super(
      'THROUGHLINE_PGCONDUCTOR_SCHEMA_MISSING',
      `The schema ${JSON.stringify(schema)} is not there, or not up to date: run \`pgconductor migrate\`.`,
      { cause },
    );
    this.schema = schema;
  }

  override get name(): string {
    return 'SchemaMissingError';
  }
}
