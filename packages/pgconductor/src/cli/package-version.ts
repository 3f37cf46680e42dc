import manifest from '../../package.json' with { type: 'json' };
import { schemaVersion } from '../database/migrate.ts';

/** Of this package, and of the schema that it makes: `0.1.0, schema 0012-observation`. */
export const packageVersion: string = `${manifest.version}, schema ${schemaVersion}`;
