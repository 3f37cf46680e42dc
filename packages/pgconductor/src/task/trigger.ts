import type { ConductorTypes, EventPayloadOf } from './conductor-types.ts';

/** Lets the task be invoked, by `invoke` and as a child; also by a schedule that a handler made. */
export interface InvocableTrigger {
  readonly invocable: true;
}

/** Runs the task on a schedule. */
export interface CronTrigger {
  /** `minute hour day month weekday`, or the same with seconds before them. */
  readonly cron: string;
  /** Of the schedule, by which the handler tells it; unique among the triggers of the task. */
  readonly name: string;
  /** An IANA time zone. @default 'UTC' */
  readonly timeZone?: string | undefined;
}

/** Runs the task for each event of that name. */
export type EventTrigger<Types extends ConductorTypes = ConductorTypes> =
  string extends Types['events']['name']
    ? EventTriggerOf<string, string>
    : OneEventTrigger<Types, Types['events']['name']>;

type OneEventTrigger<Types extends ConductorTypes, Name extends string> = Name extends string
  ? EventTriggerOf<Name, FieldOf<EventPayloadOf<Types, Name>>>
  : never;

/** A trigger of one event. */
export interface EventTriggerOf<Name extends string, Field extends string> {
  readonly event: Name;
  /**
   * A condition in SQL over the column `payload` (jsonb): `payload->>'plan' = 'pro'`. Part of the program, never of its
   * input. One that fails counts as false.
   *
   * @default every event
   */
  readonly when?: string | undefined;
  /** The fields of the payload that the handler gets. @default the whole payload */
  readonly fields?: readonly Field[] | undefined;
}

/** What may be done to a row. */
export type RowOperation = 'insert' | 'update' | 'delete';

/** Runs the task for each row of a table that is inserted, updated or deleted. */
export type RowTrigger<Types extends ConductorTypes = ConductorTypes> = keyof Types['database'] extends never
  ? RowTriggerOf<string, string, string>
  : OneRowTrigger<Types['database'], keyof Types['database'] & string>;

type OneRowTrigger<Database, Schema extends keyof Database & string> = Schema extends string
  ? OneTableTrigger<Database, Schema, keyof Database[Schema] & string>
  : never;
type OneTableTrigger<
  Database,
  Schema extends keyof Database & string,
  Table extends keyof Database[Schema] & string,
> = Table extends string ? RowTriggerOf<Schema, Table, FieldOf<Database[Schema][Table]>> : never;

/** A trigger of one table. */
export interface RowTriggerOf<Schema extends string, Table extends string, Column extends string> {
  readonly schema: Schema;
  readonly table: Table;
  readonly operation: RowOperation;
  /**
   * A condition in SQL over `old` and `new`: `new.plan = 'pro'`. Part of the program, never of its input. One that fails
   * counts as false; it does not disturb the statement that changes the row.
   *
   * @default every row
   */
  readonly when?: string | undefined;
  /** The columns that the handler gets. @default all of them */
  readonly columns?: readonly Column[] | undefined;
}

/** What may start a task. */
export type Trigger<Types extends ConductorTypes = ConductorTypes> =
  | InvocableTrigger
  | CronTrigger
  | EventTrigger<Types>
  | RowTrigger<Types>;

/** One trigger, or several. */
export type Triggers<Types extends ConductorTypes = ConductorTypes> =
  | Trigger<Types>
  | readonly Trigger<Types>[];

/** The names of the fields; any name, where the type is not known. */
type FieldOf<T> = unknown extends T ? string : T extends object ? keyof T & string : never;
