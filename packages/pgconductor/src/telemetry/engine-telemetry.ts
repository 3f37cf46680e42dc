import {
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_SYSTEM,
  type Attributes,
  describeError,
  noopTelemetry,
  OutcomeAttributes,
  resolveTelemetry,
  type Telemetry,
} from '@throughline/core';
import type { QueryDone } from '../database/query.ts';
import type { Execution } from '../execution/execution.ts';
import type { RunnableTask } from '../execution/runnable-task.ts';
import type { ResolvedTrigger } from '../task/resolve-triggers.ts';
import { invokeEventName } from '../task/task-event.ts';
import { ATTR_PGCONDUCTOR_QUERY } from './attribute-names.ts';
import {
  cancelSeen,
  databaseQuery,
  queuesNotCounted,
  tasksSent,
  workerFetch,
  workerFlush,
  workerRecovery,
} from './measured-events.ts';
import {
  resolveTelemetryOptions,
  type TelemetryOptions,
  type TelemetrySettings,
} from './telemetry-settings.ts';
import { system, TracedTask } from './traced-task.ts';

const mostTasks = 1_000;
const ofAll: Attributes = Object.freeze({ [ATTR_MESSAGING_SYSTEM]: system });

/** What the engine tells, and to whom. There is none where nobody listens, so that nothing is spent on it. */
export class EngineTelemetry {
  /** Guarded: nothing it does reaches the engine. */
  readonly port: Telemetry;
  readonly settings: TelemetrySettings;
  readonly #schemaName: string;
  readonly #tasks = new Map<string, TracedTask>();
  readonly #queues = new Map<string, Attributes>();
  readonly #queries = new Map<string, OutcomeAttributes>();
  readonly #notCounted = new OutcomeAttributes(ofAll);

  constructor(port: Telemetry, settings: TelemetrySettings, schemaName: string) {
    this.port = port;
    this.settings = settings;
    this.#schemaName = schemaName;
  }

  /** What spans and measurements of that task share. Names may come from anywhere, so only so many are kept. */
  task(name: string, queue: string): TracedTask {
    const known = this.#tasks.get(name);
    if (known?.queue === queue) return known;
    if (this.#tasks.size >= mostTasks) this.#tasks.clear();
    const made = new TracedTask(this.#schemaName, name, queue);
    this.#tasks.set(name, made);
    return made;
  }

  /** What measurements of one queue share. */
  queue(name: string): Attributes {
    let attributes = this.#queues.get(name);
    if (attributes === undefined) {
      attributes = Object.freeze({ [ATTR_MESSAGING_DESTINATION_NAME]: name, ...ofAll });
      this.#queues.set(name, attributes);
    }
    return attributes;
  }

  /** Invocations of one task have been handed to the database, or `error` says why not. */
  sent(task: TracedTask, count: number, startedAt: number, error?: unknown): void {
    if (count === 0 || !this.port.isEnabled('measurements')) return;
    const attributes = error === undefined ? task.sent.ok : task.sent.of('error', { error });
    this.port.emitEvent(tasksSent, { attributes, count, durationMs: performance.now() - startedAt });
  }

  /** A claim was answered. */
  readonly fetched = (queue: string, count: number, startedAt: number): void => {
    if (!this.port.isEnabled('measurements')) return;
    const durationMs = performance.now() - startedAt;
    this.port.emitEvent(workerFetch, { attributes: this.queue(queue), queue, count, durationMs });
  };

  /** A batch of outcomes has been brought to the database. */
  readonly flushed = (batch: readonly Execution[], startedAt: number): void => {
    if (!this.port.isEnabled('measurements')) return;
    const queue = queueOf(batch);
    const durationMs = performance.now() - startedAt;
    const attributes = queue === undefined ? ofAll : this.queue(queue);
    this.port.emitEvent(workerFlush, { attributes, queue, count: batch.length, durationMs });
  };

  /** A logical operation on the database is over. */
  readonly queried: QueryDone = (label, startedAt, retries, error) => {
    if (!this.port.isEnabled('measurements')) return;
    const sets = this.#querySets(label);
    const attributes = error === undefined ? sets.ok : sets.of('error', { error });
    this.port.emitEvent(databaseQuery, {
      attributes,
      label,
      durationMs: performance.now() - startedAt,
      retries,
    });
  };

  /** The queues could not be counted. */
  notCounted(error: unknown): void {
    this.port.emitEvent(queuesNotCounted, { attributes: this.#notCounted.of('error', { error }) });
  }

  /** Executions were taken over whose worker is gone. */
  recovered(count: number): void {
    if (count > 0) this.port.emitEvent(workerRecovery, { attributes: ofAll, count });
  }

  /** The signal of a running execution has aborted, so long after `cancel` was called. */
  canceled(queue: string, latencyMs: number): void {
    this.port.emitEvent(cancelSeen, { attributes: this.queue(queue), latencyMs });
  }

  triggerKind({ task }: RunnableTask, eventName: string): ResolvedTrigger['kind'] {
    if (eventName === invokeEventName) return 'invoke';
    return task.triggers.find((trigger) => trigger.eventName === eventName)?.kind ?? 'invoke';
  }

  /** The error as it may be told. */
  readonly tellable = (error: unknown): unknown =>
    error === undefined || this.settings.errorMessages ? error : new WithheldError(error);

  #querySets(label: string): OutcomeAttributes {
    let sets = this.#queries.get(label);
    if (sets === undefined) {
      sets = new OutcomeAttributes({ [ATTR_MESSAGING_SYSTEM]: system, [ATTR_PGCONDUCTOR_QUERY]: label });
      this.#queries.set(label, sets);
    }
    return sets;
  }
}

/** Of all of them, when it is one. */
function queueOf(batch: readonly Execution[]): string | undefined {
  const queue = batch[0]?.task.task.queue;
  return batch.every(({ task }) => task.task.queue === queue) ? queue : undefined;
}

/**
 * The telemetry of a conductor; `undefined` when there is none.
 *
 * @throws TelemetryInvalidError `THROUGHLINE_TELEMETRY_INVALID`
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 */
export function engineTelemetry(
  telemetry: Partial<Telemetry> | undefined,
  options: TelemetryOptions | undefined,
  schemaName: string,
): EngineTelemetry | undefined {
  const settings = resolveTelemetryOptions(options);
  const port = resolveTelemetry(telemetry);
  return port === noopTelemetry ? undefined : new EngineTelemetry(port, settings, schemaName);
}

/** Of an error its type: `describeError` reads name and message. */
class WithheldError {
  readonly name: string;
  readonly message = '';

  constructor(error: unknown) {
    this.name = describeError(error, { maxCauses: 0 }).type;
  }
}
