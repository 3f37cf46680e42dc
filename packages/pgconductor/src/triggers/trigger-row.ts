import type { Task } from '../task/create-task.ts';
import type { ResolvedTrigger } from '../task/resolve-triggers.ts';

/** A trigger as the function `register_triggers` takes it. */
export interface TriggerRow {
  readonly task: string;
  readonly name: string;
  readonly kind: 'event' | 'row' | 'cron';
  /** Equal texts of it are equal triggers, in whatever process. */
  readonly definition: object;
}

/** What of a task the database starts it by. */
export function triggerRows({ name: task, triggers }: Task): readonly TriggerRow[] {
  return triggers.flatMap((trigger) =>
    trigger.kind === 'invoke'
      ? []
      : [{ task, name: trigger.eventName, kind: trigger.kind, definition: definitionOf(trigger) }],
  );
}

function definitionOf(trigger: Exclude<ResolvedTrigger, { kind: 'invoke' }>): object {
  switch (trigger.kind) {
    case 'event':
      return { when: trigger.when, fields: trigger.fields };
    case 'cron':
      return { cron: trigger.schedule.expression, timeZone: trigger.schedule.timeZone };
    case 'row': {
      const { schema, table, operation, when, columns } = trigger;
      return { schema, table, operation, when, columns };
    }
  }
}
