import type { EventDefinition } from './define-event.ts';
import type { TaskDefinition } from './define-task.ts';
import type { SchemaInput, SchemaOutput, StandardSchema } from './standard-schema.ts';
import type { Stored } from './stored.ts';
import type { Typed } from './typed.ts';

/**
 * What a conductor knows of at compile time. As it stands, nothing: every name is taken, and payloads are `unknown`.
 */
export interface ConductorTypes {
  /** A union of the definitions. */
  readonly tasks: TaskDefinition;
  /** A union of the definitions. */
  readonly events: EventDefinition;
  /** What the application adds to the context of every handler. */
  readonly context: object;
  /** Rows by schema and table: `{ public: { contact: { id: string } } }`. */
  readonly database: object;
}

/** What `Conductor.create` is told, as far as the compiler is concerned. */
export interface ConductorSchemas {
  /**
   * Tasks that are invoked through this conductor. `createTask` takes any name all the same: what a schedule, an event or a row
   * starts, or who calls the SQL function, needs no definition, and what has none takes anything.
   *
   * @default tasks of any name, with any payload
   */
  readonly tasks?: readonly TaskDefinition[] | undefined;
  /** Events that are emitted or listened to through it. @default events of any name, with any payload */
  readonly events?: readonly EventDefinition[] | undefined;
  /** What every handler finds in its context beside what the engine puts there. @default nothing */
  readonly context?: object | undefined;
  /** The types of rows, for triggers on tables: `typed<{ public: { contact: Contact } }>()`. @default rows of any shape */
  readonly database?: Typed<object> | undefined;
}

/** The types behind what `Conductor.create` was told; what it was not told stays open. */
export interface TypesOf<Schemas extends ConductorSchemas> extends ConductorTypes {
  readonly tasks: OneOf<Schemas['tasks'], TaskDefinition>;
  readonly events: OneOf<Schemas['events'], EventDefinition>;
  readonly context: Schemas['context'] extends object ? Schemas['context'] : object;
  readonly database: Schemas['database'] extends Typed<infer Database extends object> ? Database : object;
}

type OneOf<List, Any> = List extends readonly []
  ? Any
  : List extends readonly (infer One extends Any)[]
    ? One
    : Any;

/** The names under which tasks can be invoked. */
export type TaskName<Types extends ConductorTypes> = Types['tasks']['name'];

/** The names of events that can be emitted. */
export type EventName<Types extends ConductorTypes> = Types['events']['name'];

/** What is given to a task of that name. */
export type PayloadOf<Types extends ConductorTypes, Name extends string> = SchemaInput<
  PayloadSchema<NamedIn<Types['tasks'], Name>>
>;

/** What the handler of a task of that name gets: what the schema made of the payload. */
export type ReceivedPayloadOf<Types extends ConductorTypes, Name extends string> = SchemaOutput<
  PayloadSchema<NamedIn<Types['tasks'], Name>>
>;

/** What the handler of a task of that name returns. */
export type ReturnOf<Types extends ConductorTypes, Name extends string> = SchemaInput<
  ReturnsSchema<NamedIn<Types['tasks'], Name>>
>;

/** What a parent gets of a child of that name: what the handler returned, as JSON keeps it. */
export type ResultOf<Types extends ConductorTypes, Name extends string> = Stored<ReturnOf<Types, Name>>;

/** What is given to an event of that name. */
export type EventPayloadOf<Types extends ConductorTypes, Name extends string> = SchemaInput<
  PayloadSchema<NamedIn<Types['events'], Name>>
>;

/** What a handler gets of an event of that name: what the schema made of the payload. */
export type ReceivedEventOf<Types extends ConductorTypes, Name extends string> = SchemaOutput<
  PayloadSchema<NamedIn<Types['events'], Name>>
>;

/** The definition of that name; nobody's, where there is none. */
type NamedIn<Definitions extends { readonly name: string }, Name extends string> = Extract<
  Definitions,
  { readonly name: Name }
>;

/** A definition that nobody made takes anything, and gives anything. */
type PayloadSchema<Definition> = SchemaAt<Definition, 'payload'>;
type ReturnsSchema<Definition> = SchemaAt<Definition, 'returns'>;

type SchemaAt<Definition, Field extends string> = [Definition] extends [never]
  ? StandardSchema
  : Definition extends Readonly<Record<Field, infer Schema>>
    ? Extract<Schema, StandardSchema>
    : StandardSchema;
