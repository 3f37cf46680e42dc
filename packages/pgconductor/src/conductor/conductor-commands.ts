import type { EngineCommands } from '../execution/engine-commands.ts';
import { cancelExecution } from './cancel-execution.ts';
import type { ConductorCore } from './conductor-core.ts';
import { emitEvent } from './emit.ts';
import { scheduleTask, unscheduleTask } from './schedule-task.ts';

/** Lets handlers do what their conductor can. */
export function conductorCommands(core: ConductorCore): EngineCommands {
  return {
    async emit(event, payload, parent) {
      await emitEvent(core, { event, payload, parent }, undefined);
    },
    schedule: (task, schedule, payload) => scheduleTask(core, task, schedule, payload),
    unschedule: (task, schedule) => unscheduleTask(core, task, schedule),
    cancel: (executionId, options) => cancelExecution(core, executionId, options),
  };
}
