import type { TraceContext } from '@throughline/core';
import type { Logger } from '../task/logger.ts';
import type { Execution } from './execution.ts';

/** What a handler is given. All of it is asked of the execution, so that making one costs one small object. */
export class ExecutionContext {
  readonly #execution: Execution;

  constructor(execution: Execution) {
    this.#execution = execution;
  }

  get executionId(): string {
    return String(this.#execution.id);
  }

  get attempt(): number {
    return this.#execution.attempt;
  }

  get signal(): AbortSignal {
    return this.#execution.signal;
  }

  get logger(): Logger {
    return this.#execution.logger;
  }

  get trace(): TraceContext {
    return this.#execution.trace;
  }
}

/**
 * A context that has what the application adds, too. That is put on the prototype, once, and where both have a member of the
 * same name the engine's holds.
 */
export function contextWith(added: object | undefined): new (execution: Execution) => ExecutionContext {
  if (added === undefined) return ExecutionContext;
  class ApplicationContext extends ExecutionContext {}
  for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(added)))
    if (!(name in ExecutionContext.prototype))
      Object.defineProperty(ApplicationContext.prototype, name, member);
  return ApplicationContext;
}
