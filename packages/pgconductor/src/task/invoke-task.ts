import type { ConductorTypes, PayloadOf, TaskName } from './conductor-types.ts';
import type { PayloadArgument, TaskReference } from './task-context.ts';

/**
 * Invokes a task, once or many times, typed by the tasks that the conductor knows.
 *
 * A list is always many invocations: a task whose payload is itself a list is invoked as `[{ payload: [1, 2] }]`.
 *
 * `Options` are those of one invocation, `ManyOptions` those of a whole list.
 */
export interface InvokeTask<
  Types extends ConductorTypes,
  Options extends object,
  ManyOptions extends object,
> {
  /**
   * @returns for each item, in order, the id of its execution, or `null` when it was throttled
   * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`; nothing is stored then
   */
  <const Name extends TaskName<Types>>(
    task: TaskReference<Name>,
    items: readonly InvokeItem<PayloadOf<Types, Name>, Options>[],
    options?: ManyOptions | undefined,
  ): Promise<(string | null)[]>;
  /**
   * A task that takes anything.
   *
   * @returns the id of the execution, `null` when it was throttled; a list of them when the payload turns out to be a list
   * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
   */
  <const Name extends TaskName<Types>, Given>(
    task: TaskReference<Name>,
    payload: Given & AnyButLists<PayloadOf<Types, Name>, Given>,
    options?: Options | undefined,
  ): Promise<unknown extends Given ? string | null | (string | null)[] : string | null>;
  /**
   * @returns the id of the execution; `null` when it was throttled
   * @throws PayloadInvalidError `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`
   */
  <const Name extends TaskName<Types>>(
    task: TaskReference<Name>,
    ...payload: PayloadArgument<NoList<PayloadOf<Types, Name>>, Options>
  ): Promise<string | null>;
}

/** One of many invocations: a payload, which may be left out where it may be `undefined`, and its own options. */
export type InvokeItem<Payload, Options extends object> = Options &
  (undefined extends Payload ? { readonly payload?: Payload } : { readonly payload: Payload });

/** What is left to the signature above is to be called without a payload. */
type NoList<Payload> = unknown extends Payload
  ? undefined
  : Payload extends readonly unknown[]
    ? never
    : Payload;

/**
 * The compiler prefers a signature that takes `unknown` to one that takes a list of items, even for a list, and even when it
 * comes later: so lists are taken out of what is unknown.
 */
type AnyButLists<Payload, Given> = unknown extends Payload
  ? unknown extends Given
    ? unknown
    : IfNone<Extract<Given, readonly unknown[]>>
  : never;
type IfNone<Lists> = [Lists] extends [never] ? unknown : never;
