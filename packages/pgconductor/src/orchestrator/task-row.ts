import type { RunnableTask } from '../execution/runnable-task.ts';

/** A task as the function `register` takes it. */
export function taskRow({ task: { name, queue, settings } }: RunnableTask): object {
  const { maxAttempts, concurrency, concurrencyKey, window, keepCompletedMs, keepFailedMs } = settings;
  const hours = window && {
    startMinute: window.startMinute,
    endMinute: window.endMinute,
    timeZone: window.timeZone,
    days: window.days,
  };
  return {
    name,
    queue,
    maxAttempts,
    gate:
      concurrencyKey !== undefined
        ? 'key'
        : concurrency !== undefined || window !== undefined
          ? 'task'
          : 'none',
    gatePath: concurrencyKey ?? [],
    concurrency,
    hours,
    // No bound is not a number in JSON.
    keepCompletedMs: Number.isFinite(keepCompletedMs) ? keepCompletedMs : undefined,
    keepFailedMs: Number.isFinite(keepFailedMs) ? keepFailedMs : undefined,
  };
}
