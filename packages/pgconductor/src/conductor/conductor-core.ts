import type { Database } from '../database/database.ts';
import type { EngineQueries } from '../database/engine-queries.ts';
import type { Logger } from '../task/logger.ts';
import type { TaskCatalog } from '../task/task-catalog.ts';
import type { EngineTelemetry } from '../telemetry/engine-telemetry.ts';
import type { SchemaReadiness } from './schema-readiness.ts';

/** What a conductor shares with the orchestrators that work for it. */
export interface ConductorCore extends TaskCatalog {
  readonly database: Database;
  readonly queries: EngineQueries;
  readonly logger: Logger;
  /** What the application adds to the context of handlers. */
  readonly context: object | undefined;
  readonly maxPayloadBytes: number;
  /** Absent where nobody listens. */
  readonly telemetry: EngineTelemetry | undefined;
  readonly schema: SchemaReadiness;
}

const cores = new WeakMap<object, ConductorCore>();

/** Lets {@link coreOf} find it. */
export function shareCore(conductor: object, core: ConductorCore): void {
  cores.set(conductor, core);
}

/** The core of a conductor of this copy of the package; `undefined` for anything else. */
export function coreOf(conductor: unknown): ConductorCore | undefined {
  return typeof conductor === 'object' && conductor !== null ? cores.get(conductor) : undefined;
}
