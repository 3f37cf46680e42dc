import type { Telemetry } from '@throughline/core';
import { demandOption, demandOptions } from '@throughline/core';
import { type DatabaseOptions, openDatabase } from '../database/database.ts';
import { engineQueries } from '../database/engine-queries.ts';
import { isPlainObject, isWhole } from '../options/option-checks.ts';
import type {
  ConductorSchemas,
  ConductorTypes,
  EventName,
  EventPayloadOf,
  PayloadOf,
  TaskName,
  TypesOf,
} from '../task/conductor-types.ts';
import { type CreateTask, createTask } from '../task/create-task.ts';
import type { InvokeTask } from '../task/invoke-task.ts';
import type { Logger } from '../task/logger.ts';
import { invokedTask } from '../task/task-catalog.ts';
import type { CancelOptions, PayloadArgument, ScheduleOptions, TaskReference } from '../task/task-context.ts';
import { engineTelemetry } from '../telemetry/engine-telemetry.ts';
import type { TelemetryOptions } from '../telemetry/telemetry-settings.ts';
import { cancelExecution } from './cancel-execution.ts';
import { type ConductorCore, shareCore } from './conductor-core.ts';
import { defaultLogger } from './default-logger.ts';
import { type EmitOptions, emitClient, emitEvent } from './emit.ts';
import type { Invocation } from './invoke.ts';
import { type InvokeManyOptions, type InvokeOptions, invokeRow, readOptions } from './invoke-options.ts';
import { invokeTraced } from './invoke-traced.ts';
import { type ExecutionRecord, lookUp } from './look-up.ts';
import { safeLogger } from './safe-logger.ts';
import { scheduleTask, unscheduleTask } from './schedule-task.ts';
import { SchemaReadiness } from './schema-readiness.ts';
import { WakeNotifier } from './wake-notifier.ts';

/** What {@link Conductor.create} is told. */
export interface ConductorOptions extends ConductorSchemas, DatabaseOptions {
  /** Gets warnings and errors of the engine, and what handlers write to `ctx.logger`. @default the console, warnings and errors */
  readonly logger?: Logger | undefined;
  /** The largest payload and the largest result, as JSON; bytes from 1 to 268,435,456. @default 1_048_576 */
  readonly maxPayloadBytes?: number | undefined;
  /** Whether the schema is brought up to date when it is first needed. @default true */
  readonly migrate?: boolean | undefined;
  /** Gets spans and measurements of everything that happens. @default none of it is made */
  readonly telemetry?: Partial<Telemetry> | undefined;
  /** How. */
  readonly telemetryOptions?: TelemetryOptions | undefined;
}

const known = {
  connectionString: true,
  sql: true,
  schema: true,
  tasks: true,
  events: true,
  context: true,
  database: true,
  logger: true,
  maxPayloadBytes: true,
  migrate: true,
  telemetry: true,
  telemetryOptions: true,
} as const satisfies Record<keyof ConductorOptions, true>;

/**
 * The way into a database of tasks: makes tasks, invokes and cancels them. Orchestrators run them.
 *
 * Connects when it is first used.
 *
 * @example
 * ```ts
 * import { Conductor, defineTask, Orchestrator, typed } from '@throughline/pgconductor';
 *
 * const greet = defineTask({ name: 'greet', payload: typed<{ name: string }>() });
 * const conductor = Conductor.create({ connectionString: 'postgres://localhost/app', tasks: [greet] });
 * const greeting = conductor.createTask({ name: 'greet' }, { invocable: true }, async ({ payload }) => {
 *   console.log(`Hello ${payload.name}`);
 * });
 * await conductor.invoke(greet, { name: 'Ada' });
 * await Orchestrator.create({ conductor, tasks: [greeting] }).drain();
 * await conductor.close();
 * ```
 */
export class Conductor<Types extends ConductorTypes = ConductorTypes> {
  readonly #core: ConductorCore;
  readonly #notifier: WakeNotifier;

  /** Makes a task, with its handler, for orchestrators to run. */
  readonly createTask: CreateTask<Types>;

  /**
   * Enqueues one execution, or many with one statement. They exist when it resolves; with `sql`, when that transaction
   * commits.
   *
   * @throws DatabaseUnavailableError `THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE`
   * @throws ValueUnstorableError `THROUGHLINE_PGCONDUCTOR_VALUE_UNSTORABLE`
   */
  readonly invoke: InvokeTask<Types, InvokeOptions & InvokeManyOptions, InvokeManyOptions>;

  /**
   * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for a value that cannot be meant, and for an option that does
   * not exist
   */
  static create<const Options extends ConductorOptions>(options: Options): Conductor<TypesOf<Options>> {
    return new Conductor<TypesOf<Options>>(options);
  }

  private constructor(options: ConductorOptions) {
    const core = createCore(options);
    this.#core = core;
    this.#notifier = new WakeNotifier(core.database.sql, core.queries);
    shareCore(this, core);
    this.createTask = ((settings, triggers, handler) =>
      createTask(core.definitions, settings, triggers as never, handler as never)) as CreateTask<Types>;
    this.invoke = this.#invoke.bind(this) as typeof this.invoke;
  }

  /**
   * Emits an event: keeps it, starts the tasks that it triggers, and lets those go on that wait for it, all with one
   * statement. It has happened when it resolves; with `sql`, when that transaction commits.
   *
   * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`; nothing has happened then
   * @throws DatabaseUnavailableError `THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE`
   */
  async emit<Name extends EventName<Types>>(
    event: Name,
    ...[payload, options]: PayloadArgument<EventPayloadOf<Types, Name>, EmitOptions>
  ): Promise<void> {
    await emitEvent(this.#core, { event, payload }, emitClient(options));
  }

  /**
   * Invokes a task again and again from now on, until {@link Conductor.unschedule}. A schedule of that task and name that
   * exists is replaced; one that comes at the same times keeps its next tick.
   *
   * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for an expression or a time zone that cannot be meant
   * @throws TriggerInvalidError `THROUGHLINE_PGCONDUCTOR_TRIGGER_INVALID` for a time zone that the database does not know
   * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
   */
  async schedule<Name extends TaskName<Types>>(
    task: TaskReference<Name>,
    schedule: ScheduleOptions,
    ...[payload]: PayloadArgument<PayloadOf<Types, Name>>
  ): Promise<void> {
    await scheduleTask(this.#core, task, schedule, payload);
  }

  /** Ends a schedule; `false` when there was none. What it has invoked already still runs. */
  async unschedule<Name extends TaskName<Types>>(
    task: TaskReference<Name>,
    schedule: string,
  ): Promise<boolean> {
    return unscheduleTask(this.#core, task, schedule);
  }

  /**
   * Cancels an execution: at once when it waits, through its signal when it runs.
   *
   * @returns `false` when it had ended, or never was
   */
  async cancel(executionId: string, options?: CancelOptions): Promise<boolean> {
    return cancelExecution(this.#core, executionId, options);
  }

  /**
   * Looks an execution up, running or over.
   *
   * @returns `undefined` when it never was, or has not been kept: see `removeOnComplete`
   */
  async get(executionId: string): Promise<ExecutionRecord | undefined> {
    return lookUp(this.#core, executionId);
  }

  /**
   * Brings the schema up to date now, rather than when it is first needed.
   *
   * @returns the names of the migrations that were applied
   */
  async migrate(): Promise<readonly string[]> {
    return this.#core.schema.migrate();
  }

  /** Ends its connections, unless they are the caller's. Orchestrators are stopped before. */
  async close(): Promise<void> {
    await this.#notifier.flush();
    if (this.#core.database.isOurs) await this.#core.database.sql.end({ timeout: 5 });
  }

  async #invoke(
    task: TaskReference,
    payload?: unknown,
    options?: InvokeOptions & InvokeManyOptions,
  ): Promise<string | null | (string | null)[]> {
    const invoked = invokedTask(this.#core, 'invoke', task);
    const { sql, own } = readOptions(options);
    const isList = Array.isArray(payload);
    const isMeant = !isList || Object.values(own ?? {}).every((value) => value === undefined);
    demandOption(
      isMeant,
      'invoke.options',
      own,
      'nothing but sql for a list: each item has options of its own',
    );
    const invocations = isList
      ? Array.from(payload, readItem)
      : [{ payload, options: own, row: invokeRow('invoke', own) }];
    const ids = await invokeTraced(this.#core, invoked, invocations, sql);
    if (sql === undefined && invocations.length > 0) this.#notifier.soon(invoked.name, invoked.queue);
    return isList ? ids : (ids[0] ?? null);
  }
}

function readItem(item: unknown, index: number): Invocation {
  demandOption(isPlainObject(item), `invoke[${index}]`, item, '{ payload, ...options }');
  const { payload, ...options } = item as { readonly payload?: unknown };
  return { payload, options, row: invokeRow(`invoke[${index}]`, options) };
}

function createCore(options: ConductorOptions): ConductorCore {
  demandOptions('Conductor', options, known);
  const {
    tasks = [],
    events = [],
    context,
    logger = defaultLogger,
    maxPayloadBytes = 2 ** 20,
    migrate: mayMigrate = true,
  } = options;
  demandOption(
    isWhole(maxPayloadBytes, 1, 2 ** 28),
    'Conductor.maxPayloadBytes',
    maxPayloadBytes,
    'whole bytes from 1 to 268435456',
  );
  demandOption(context === undefined || isPlainObject(context), 'Conductor.context', context, 'an object');
  demandOption(areNamed(tasks), 'Conductor.tasks', tasks, 'an array of what defineTask made');
  demandOption(areNamed(events), 'Conductor.events', events, 'an array of what defineEvent made');
  demandOption(isLogger(logger), 'Conductor.logger', logger, 'an object with debug, info, warn and error');
  demandOption(typeof mayMigrate === 'boolean', 'Conductor.migrate', mayMigrate, 'true or false');
  const told = safeLogger(logger);
  const database = openDatabase('Conductor', options);
  const telemetry = engineTelemetry(options.telemetry, options.telemetryOptions, database.schemaName);
  return {
    database,
    queries: engineQueries(database.schema, telemetry?.queried, database.schemaName),
    logger: told,
    definitions: tasks,
    events,
    context,
    maxPayloadBytes,
    telemetry,
    schema: new SchemaReadiness(database, told, mayMigrate),
  };
}

function areNamed(definitions: unknown): boolean {
  return (
    Array.isArray(definitions) &&
    definitions.every((one) => isPlainObject(one) && 'name' in one && 'payload' in one)
  );
}

function isLogger(logger: unknown): boolean {
  const levels = ['debug', 'info', 'warn', 'error'] as const;
  return isPlainObject(logger) && levels.every((level) => typeof (logger as Logger)[level] === 'function');
}
