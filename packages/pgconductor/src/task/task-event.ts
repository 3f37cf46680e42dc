import type {
  ConductorTypes,
  EventPayloadOf,
  ReceivedEventOf,
  ReceivedPayloadOf,
} from './conductor-types.ts';
import type { Stored } from './stored.ts';
import type { InvocableTrigger, RowOperation, Triggers } from './trigger.ts';

/** By which a handler tells that it was invoked. No other trigger is called like that. */
export const invokeEventName = 'pgconductor.invoke';

/** Why a handler runs: `name` tells the trigger, `payload` is what it brought. */
export interface TriggeredEvent<Name extends string, Payload> {
  readonly name: Name;
  readonly payload: Payload;
}

/** What a cron trigger brings. */
export interface CronOccurrence {
  /** Name of the trigger. */
  readonly schedule: string;
  /** When it was due, in RFC 3339; after an outage that is before it runs. */
  readonly dueAt: string;
}

/** What a trigger on a table brings: the row as JSON keeps it, before and after. */
export interface RowChange<Operation extends RowOperation, Row> {
  /** `null` for an insert. */
  readonly old: Operation extends 'insert' ? null : Row;
  /** `null` for a delete. */
  readonly new: Operation extends 'delete' ? null : Row;
}

/**
 * The events that a handler with these triggers gets, told apart by `name`: `pgconductor.invoke`, the name of the cron
 * trigger, the name of the event, or `schema.table.operation`.
 */
export type TaskEvent<
  Types extends ConductorTypes,
  Name extends string,
  Given extends Triggers<Types>,
> = EventOf<Types, Name, Given extends readonly (infer One)[] ? One : Given>;

type EventOf<Types extends ConductorTypes, Name extends string, Trigger> = Trigger extends InvocableTrigger
  ? TriggeredEvent<typeof invokeEventName, ReceivedPayloadOf<Types, Name>>
  : Trigger extends { readonly cron: string; readonly name: infer Cron extends string }
    ? TriggeredEvent<Cron, CronOccurrence>
    : Trigger extends { readonly event: infer Event extends string }
      ? TriggeredEvent<Event, FieldsOf<Types, Event, Trigger>>
      : RowEventOf<Types, Trigger>;

/** Of a part of the payload the schema of the whole can say nothing: it comes as it was emitted. */
type FieldsOf<Types extends ConductorTypes, Event extends string, Trigger> = Trigger extends {
  readonly fields: readonly (infer Field)[];
}
  ? Part<Stored<EventPayloadOf<Types, Event>>, Field>
  : ReceivedEventOf<Types, Event>;

type RowEventOf<Types extends ConductorTypes, Trigger> = Trigger extends {
  readonly schema: infer Schema extends string;
  readonly table: infer Table extends string;
  readonly operation: infer Operation extends RowOperation;
}
  ? RowEvent<Schema, Table, Operation, ColumnsOf<RowOf<Types['database'], Schema, Table>, Trigger>>
  : never;

type RowEvent<
  Schema extends string,
  Table extends string,
  Operation extends RowOperation,
  Row,
> = Operation extends RowOperation
  ? TriggeredEvent<`${Schema}.${Table}.${Operation}`, RowChange<Operation, Row>>
  : never;

type RowOf<Database, Schema extends string, Table extends string> = Schema extends keyof Database
  ? Table extends keyof Database[Schema]
    ? Stored<Database[Schema][Table]>
    : AnyRow
  : AnyRow;
type AnyRow = Readonly<Record<string, unknown>>;

type ColumnsOf<Row, Trigger> = Trigger extends { readonly columns: readonly (infer Column)[] }
  ? Part<Row, Column>
  : Row;

type Part<Whole, Field> = unknown extends Whole ? unknown : Pick<Whole, Field & keyof Whole>;
