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

type NoList<Payload> = Payload extends readonly unknown[] ? never : Payload;
