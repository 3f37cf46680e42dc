import { ThroughlineError } from '@throughline/core';

/**
 * The database does not take a trigger or a schedule: there is no such table or column, its `when` is no condition, its time
 * zone is not known there, or this role may not. Code `THROUGHLINE_PGCONDUCTOR_TRIGGER_INVALID`.
 *
 * `start` and `drain` of an orchestrator reject with it, and so does `schedule`.
 */
export class TriggerInvalidError extends ThroughlineError {
  readonly task: string;
  /** The name by which handlers tell it: `public.contact.insert`. */
  readonly trigger: string;

  constructor(task: string, trigger: string, problem: string, cause: unknown) {
    super(
      'THROUGHLINE_PGCONDUCTOR_TRIGGER_INVALID',
      `The database does not take ${JSON.stringify(trigger)} of task ${JSON.stringify(task)}: ${problem}.`,
      { cause },
    );
    this.task = task;
    this.trigger = trigger;
  }

  override get name(): string {
    return 'TriggerInvalidError';
  }
}

/** What the database raised, as the error that it is about; anything else as it is. */
export function triggerError(error: unknown): unknown {
  const { code, detail, message } = error as { code?: unknown; detail?: unknown; message?: unknown };
  if (code !== 'TL001') return error;
  const { task, trigger } = JSON.parse(String(detail)) as { task: string; trigger: string };
  return new TriggerInvalidError(task, trigger, String(message), error);
}
