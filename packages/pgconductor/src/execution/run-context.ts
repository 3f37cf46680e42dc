import type { TraceContext } from '@throughline/core';
import type { Logger } from '../task/logger.ts';
import type { CancelOptions, ScheduleOptions, TaskReference } from '../task/task-context.ts';
import type { EngineCommands } from './engine-commands.ts';

/** What a context asks for: of one execution, or of a batch. */
export interface Run {
  readonly host: { readonly commands: EngineCommands };
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly trace: TraceContext;
}

/** What every handler is given. */
export class RunContext<Of extends Run = Run> {
  readonly #run: Of;

  constructor(run: Of) {
    this.#run = run;
  }

  /** For contexts of one kind of run, so that they need no field of their own. */
  static runOf<Of extends Run>(context: RunContext<Of>): Of {
    return context.#run;
  }

  get signal(): AbortSignal {
    return this.#run.signal;
  }

  get logger(): Logger {
    return this.#run.logger;
  }

  get trace(): TraceContext {
    return this.#run.trace;
  }

  emit(event: string, payload?: unknown): Promise<void> {
    return this.#run.host.commands.emit(event, payload, this.#run.trace);
  }

  schedule(task: TaskReference, schedule: ScheduleOptions, payload?: unknown): Promise<void> {
    return this.#run.host.commands.schedule(task, schedule, payload);
  }

  unschedule(task: TaskReference, schedule: string): Promise<boolean> {
    return this.#run.host.commands.unschedule(task, schedule);
  }

  cancel(executionId: string, options?: CancelOptions): Promise<boolean> {
    return this.#run.host.commands.cancel(executionId, options);
  }
}

/**
 * A context that has what the application adds, too. That is put on the prototype, once, and where both have a member of the
 * same name the engine's holds.
 */
export function contextWith<Of extends Run, Context extends RunContext<Of>>(
  Base: new (run: Of) => Context,
  added: object | undefined,
): new (
  run: Of,
) => Context {
  if (added === undefined) return Base;
  class ApplicationContext extends Base {}
  for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(added)))
    if (!(name in Base.prototype)) Object.defineProperty(ApplicationContext.prototype, name, member);
  return ApplicationContext;
}
