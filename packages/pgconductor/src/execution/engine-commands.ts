import type { TraceContext } from '@throughline/core';
import type { CancelOptions, ScheduleOptions, TaskReference } from '../task/task-context.ts';

/** What a handler may ask of the engine that is not about its own run. Whoever hosts executions carries it out. */
export interface EngineCommands {
  /** @param parent the span that it is a part of, where none is active */
  emit(event: string, payload: unknown, parent: TraceContext): Promise<void>;
  schedule(task: TaskReference, schedule: ScheduleOptions, payload: unknown): Promise<void>;
  /** @returns `false` when there was none */
  unschedule(task: TaskReference, schedule: string): Promise<boolean>;
  /** @returns `false` when it had ended, or never was */
  cancel(executionId: string, options?: CancelOptions | undefined): Promise<boolean>;
}
