export type { ConductorOptions } from './conductor/conductor.ts';
export { Conductor } from './conductor/conductor.ts';
export type { EmitOptions } from './conductor/emit.ts';
export type {
  DebounceOptions,
  InvokeManyOptions,
  InvokeOptions,
  ThrottleOptions,
} from './conductor/invoke-options.ts';
export type { ExecutionRecord, ExecutionState } from './conductor/look-up.ts';
export { withTrace } from './conductor/with-trace.ts';
export type { DatabaseOptions } from './database/database.ts';
export { DatabaseUnavailableError } from './database/database-unavailable-error.ts';
export { SchemaMissingError } from './database/schema-missing-error.ts';
export type { SqlClient, SqlPool } from './database/sql-client.ts';
export type { UnavailableReason } from './database/unavailable-reason.ts';
export { ValueUnstorableError } from './database/value-unstorable-error.ts';
export type { RemainingWorker } from './database/workers-remain-error.ts';
export { WorkersRemainError } from './database/workers-remain-error.ts';
export { BatchResultInvalidError } from './execution/batch-result-invalid-error.ts';
export { CanceledError } from './execution/canceled-error.ts';
export { ChildFailedError } from './execution/child-failed-error.ts';
export { ExecutionTimeoutError } from './execution/execution-timeout-error.ts';
export { LeaseLostError } from './execution/lease-lost-error.ts';
export { ReleasedError } from './execution/released-error.ts';
export { StepMismatchError } from './execution/step-mismatch-error.ts';
export { StepNestedError } from './execution/step-nested-error.ts';
export { StepRepeatedError } from './execution/step-repeated-error.ts';
export { WaitTimeoutError } from './execution/wait-timeout-error.ts';
export type { StopOptions } from './orchestrator/orchestrator.ts';
export { Orchestrator } from './orchestrator/orchestrator.ts';
export type { OrchestratorOptions } from './orchestrator/orchestrator-options.ts';
export { WorkerOutdatedError } from './orchestrator/worker-outdated-error.ts';
export type { Backoff, BackoffSetting, ExponentialBackoff, Failure, FixedBackoff } from './retry/backoff.ts';
export { NonRetryableError } from './retry/non-retryable-error.ts';
export type { CronSchedule } from './schedule/cron.ts';
export type { ResolvedTimeWindow, TimeWindow, Weekday } from './schedule/time-window.ts';
export type {
  ConductorSchemas,
  ConductorTypes,
  EventName,
  EventPayloadOf,
  PayloadOf,
  ReceivedEventOf,
  ReceivedPayloadOf,
  ResultOf,
  ReturnOf,
  TaskName,
  TypesOf,
} from './task/conductor-types.ts';
export type { CreateTask, Task } from './task/create-task.ts';
export type { EventDefinition, EventDefinitionOptions } from './task/define-event.ts';
export { defineEvent } from './task/define-event.ts';
export type { TaskDefinition, TaskDefinitionOptions } from './task/define-task.ts';
export { defineTask } from './task/define-task.ts';
export type { InvokeItem, InvokeTask } from './task/invoke-task.ts';
export type { LogFields, Logger } from './task/logger.ts';
export { PayloadInvalidError } from './task/payload-invalid-error.ts';
export type { ResolvedTrigger } from './task/resolve-triggers.ts';
export { ResultInvalidError } from './task/result-invalid-error.ts';
export type { Retention } from './task/retention.ts';
export type {
  SchemaAnswer,
  SchemaInput,
  SchemaIssue,
  SchemaOutput,
  StandardSchema,
} from './task/standard-schema.ts';
export type { Stored } from './task/stored.ts';
export type {
  BatchContext,
  BatchedExecution,
  CancelOptions,
  ChildOptions,
  HandlerContext,
  PayloadArgument,
  ScheduleOptions,
  TaskContext,
  TaskReference,
  WaitForEventOptions,
} from './task/task-context.ts';
export type { CronOccurrence, RowChange, TaskEvent, TriggeredEvent } from './task/task-event.ts';
export type { BatchHandler, HandlerOf, TaskHandler } from './task/task-handler.ts';
export type { BatchSetting, ResolvedTaskSettings, TaskSettings } from './task/task-settings.ts';
export type {
  CronTrigger,
  EventTrigger,
  EventTriggerOf,
  InvocableTrigger,
  RowOperation,
  RowTrigger,
  RowTriggerOf,
  Trigger,
  Triggers,
} from './task/trigger.ts';
export { TriggerInvalidError } from './task/trigger-invalid-error.ts';
export type { Typed } from './task/typed.ts';
export { typed } from './task/typed.ts';
export type { Validation } from './task/validate-payload.ts';
export { validatePayload } from './task/validate-payload.ts';
export type { Attributed } from './telemetry/attributed.ts';
export type {
  CancelSeen,
  DatabaseQuery,
  StepDone,
  TasksSent,
  WorkerFetch,
  WorkerFlush,
  WorkerRecovery,
} from './telemetry/measured-events.ts';
export {
  cancelSeen,
  databaseQuery,
  queuesNotCounted,
  stepDone,
  tasksSent,
  workerFetch,
  workerFlush,
  workerRecovery,
} from './telemetry/measured-events.ts';
export type { RelatedTask, Relation, RelationSetting } from './telemetry/relation.ts';
export type { TelemetryOptions } from './telemetry/telemetry-settings.ts';
export type { ExecutionStatus, WorkerExecution } from './telemetry/worker-execution.ts';
export { workerExecution } from './telemetry/worker-execution.ts';
