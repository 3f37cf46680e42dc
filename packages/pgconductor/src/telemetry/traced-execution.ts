import {
  ATTR_MESSAGING_CLIENT_ID,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_THROUGHLINE_ATTEMPT,
  ATTR_THROUGHLINE_MAX_ATTEMPTS,
  ATTR_THROUGHLINE_REASON,
  type Attributes,
  isValidTraceContext,
  METRIC_THROUGHLINE_BACKOFF_DURATION,
  METRIC_THROUGHLINE_DELAY_DURATION,
  METRIC_THROUGHLINE_WAIT_DURATION,
  type Span,
  type SpanLink,
  type SpanOutcome,
  type Telemetry,
  type TraceContext,
  traceFields,
} from '@throughline/core';
import type { CarriedTrace } from '../execution/carried-traces.ts';
import type { ClaimedBatch } from '../execution/claimed-batch.ts';
import { type ChildIds, Execution, type ExecutionHost } from '../execution/execution.ts';
import type { CommittedOutcome, Outcome } from '../execution/outcome.ts';
import type { RunnableTask } from '../execution/runnable-task.ts';
import type { Logger } from '../task/logger.ts';
import type { InvokedTask } from '../task/task-catalog.ts';
import {
  ATTR_PGCONDUCTOR_ATTEMPT,
  ATTR_PGCONDUCTOR_DUE_AT,
  ATTR_PGCONDUCTOR_EXECUTION_ID,
  ATTR_PGCONDUCTOR_MAX_ATTEMPTS,
  ATTR_PGCONDUCTOR_RECOVERED,
  ATTR_PGCONDUCTOR_RESUMED,
  ATTR_PGCONDUCTOR_TRIGGER,
  ATTR_PGCONDUCTOR_TRIGGER_NAME,
} from './attribute-names.ts';
import { carrierOf } from './carrier-text.ts';
import { childLogger } from './child-logger.ts';
import type { EngineTelemetry } from './engine-telemetry.ts';
import { failedChildLink } from './failed-child.ts';
import { InnerWork, measureStep } from './inner-work.ts';
import { type LastEnding, type LastRun, lastRunOf, lastTrace } from './last-run.ts';
import { newTrace, type Origin, originAttributes, originOf } from './origin.ts';
import { spanOutcomes, statuses } from './span-outcomes.ts';
import { TracedBatchRun } from './traced-batch-run.ts';
import type { TracedTask } from './traced-task.ts';
import { tellEnd } from './work-end.ts';
import { workerExecution } from './worker-execution.ts';

/** After which the row remembers the run. */
const remembered: Readonly<Partial<Record<Outcome['kind'], LastEnding>>> = {
  failed: 'failed',
  released: 'suspended',
  sleeping: 'suspended',
  waiting: 'suspended',
};

/**
 * An execution with its `process` span, from the start of the handler to the committed row, which decides how it ended.
 *
 * ```text
 *   begin() ──▶ call() ──▶ end() ──▶ (settle) ──▶ settled()
 *   span starts    user code inside      last_trace        span ends, as the row says
 * ```
 */
export class TracedExecution extends Execution {
  readonly #telemetry: EngineTelemetry;
  #task: TracedTask | undefined;
  #span: Span | undefined;
  #logger: Logger | undefined;
  #startedAt = 0;
  #endedAt = 0;
  #waitMs = 0;
  /** For how long it was put off before its first run; `undefined` for later ones, and when it was not. */
  #delayMs: number | undefined;
  /** Made when a handler begins some. */
  #innerWork: InnerWork | undefined;

  constructor(
    host: ExecutionHost,
    batch: ClaimedBatch,
    place: number,
    task: RunnableTask,
    telemetry: EngineTelemetry,
  ) {
    super(host, batch, place, task);
    this.#telemetry = telemetry;
  }

  override begin(): void {
    const { port, settings } = this.#telemetry;
    const { batch, task } = this;
    const traced = this.#tracedTask;
    const carried = batch.traces?.of(this.place, this.id);
    const origin = carried ? originOf(port, settings, carried, this, this.#isScheduled()) : newTrace;
    const last = carried?.[3] ? lastRunOf(port, carried[3]) : undefined;
    this.#task = traced;
    this.#startedAt = performance.now();
    this.#waitMs =
      Math.max(0, batch.claimedAt - (carried?.[1] ?? batch.claimedAt)) + this.#startedAt - batch.arrivedAt;
    if (carried !== undefined && carried[1] > carried[0] && this.attempt === 1)
      this.#delayMs = carried[1] - carried[0];
    this.#span =
      this.run instanceof TracedBatchRun
        ? this.run.startMember(this, last?.link)
        : port.startSpan(traced.processSpan, {
            kind: 'consumer',
            parent: origin.parent,
            links: linksOf(port, origin, last, carried?.[4]),
            subject: 'task',
            entity: traced.entity(String(this.id), this.attempt, task.maxAttempts),
            attributes: traced.processing,
          });
    if (this.#span?.isRecording) this.#span.setAttributes(this.#attributes(origin, last, carried));
  }

  override call(event: unknown, context: unknown): unknown {
    const { handler } = this.task;
    return this.#span === undefined ? handler(event, context) : this.#span.run(() => handler(event, context));
  }

  override get trace(): TraceContext {
    return this.#span?.context ?? super.trace;
  }

  override get logger(): Logger {
    this.#logger ??= childLogger(this.host.logger, {
      ...(isValidTraceContext(this.trace) && traceFields(this.trace)),
      execution_id: String(this.id),
      attempt: this.attempt,
    });
    return this.#logger;
  }

  override get carrier(): object | undefined {
    const span = this.#span;
    return span?.isRecording ? carrierOf(this.#telemetry.port, span.context) : undefined;
  }

  override get lastTrace(): object | undefined {
    const { outcome } = this;
    const ending = outcome && remembered[outcome.kind];
    const span = this.#span;
    if (ending === undefined || span?.isRecording !== true) return undefined;
    const backoffMs = outcome?.kind === 'failed' ? outcome.delayMs : undefined;
    return lastTrace(this.#telemetry.port, span.context, ending, backoffMs);
  }

  override end(outcome: Outcome): void {
    if (this.#endedAt === 0) this.#endedAt = performance.now();
    super.end(outcome);
  }

  override complete(result: string | undefined): void {
    if (this.#endedAt === 0) this.#endedAt = performance.now();
    super.complete(result);
  }

  override settled(committed: CommittedOutcome, children?: ChildIds): void {
    const span = this.#span;
    if (this.#task === undefined) {
      this.#settledUnbegun(committed);
      return;
    }
    this.#span = undefined;
    const outcome = spanOutcomes[committed];
    const failure = this.outcome !== undefined && 'error' in this.outcome ? this.outcome : undefined;
    const thrown = failure?.error;
    this.#measure(this.#task, committed, outcome, failure);
    this.#task = undefined;
    this.#innerWork?.end(committed, children);
    if (outcome === 'ok') span?.end();
    else if (span !== undefined) {
      const link = thrown === undefined ? undefined : failedChildLink(this.#telemetry.port, this, thrown);
      if (link !== undefined) span.addLink(link);
      span.end({ outcome, error: this.#telemetry.tellable(thrown), attributes: reasonOf(committed) });
    }
    if (this.run instanceof TracedBatchRun) this.run.settled(committed, thrown);
  }

  /** Cancelled after it was claimed and before it was begun: a point in the trace of its sender, for there is no span. */
  #settledUnbegun(committed: CommittedOutcome): void {
    if (committed !== 'canceled' || this.outcome?.kind !== 'canceled') return;
    const { task, attempt, batch } = this;
    const { error } = this.outcome;
    const carrier = batch.traces?.of(this.place, this.id)[2];
    tellEnd(this.#telemetry, this.#tracedTask, {
      id: String(this.id),
      attempt,
      maxAttempts: task.maxAttempts,
      outcome: committed,
      error,
      time: Date.now(),
      parent: carrier ? this.#telemetry.port.propagation.extract(carrier) : undefined,
    });
  }

  override runStep(name: string, work: () => unknown): unknown {
    const inner = this.#inner;
    return inner === undefined ? work() : inner.step(name, work);
  }

  override stepKept(name: string): void {
    measureStep(this.#telemetry, this.#tracedTask, name, undefined);
  }

  override invoking(name: string, task: InvokedTask, payload: unknown): object | undefined {
    return this.#inner?.invoke(name, task, payload);
  }

  /** Of a run that goes on. */
  get #inner(): InnerWork | undefined {
    if (this.#span === undefined) return undefined;
    this.#innerWork ??= new InnerWork(this.#telemetry, this.#tracedTask, this.#span.context);
    return this.#innerWork;
  }

  get #tracedTask(): TracedTask {
    return this.#telemetry.task(this.task.name, this.task.task.queue);
  }

  #measure(
    task: TracedTask,
    committed: CommittedOutcome,
    outcome: SpanOutcome,
    failure: { readonly error: unknown } | undefined,
  ): void {
    const { port } = this.#telemetry;
    if (!port.isEnabled('measurements')) return;
    port.emitEvent(workerExecution, {
      attributes: task.processed.of(outcome, failure),
      taskAttributes: task.ran.of(outcome, failure),
      waitAttributes: task.waited,
      queue: task.queue,
      task: task.name,
      executionId: String(this.id),
      durationMs: performance.now() - this.#startedAt,
      handlerMs: this.#endedAt - this.#startedAt,
      attempt: this.attempt,
      status: committed === 'waiting' && this.#innerWork?.hasChildren ? 'invoke_child' : statuses[committed],
      error: failure?.error,
      waitMs: this.#waitMs,
      delayMs: this.#delayMs,
      backoffMs: committed === 'failed' && this.outcome?.kind === 'failed' ? this.outcome.delayMs : undefined,
      cronLagMs: this.#isScheduled() ? this.#waitMs : undefined,
    });
  }

  #isScheduled(): boolean {
    return this.#telemetry.triggerKind(this.task, this.eventName) === 'cron';
  }

  #attributes(origin: Origin, last: LastRun | undefined, carried: CarriedTrace | undefined): Attributes {
    const id = String(this.id);
    const { attempt, eventName } = this;
    const { maxAttempts } = this.task;
    const trigger = this.#telemetry.triggerKind(this.task, eventName);
    return {
      [ATTR_MESSAGING_MESSAGE_ID]: id,
      [ATTR_MESSAGING_CLIENT_ID]: this.host.worker,
      [ATTR_THROUGHLINE_ATTEMPT]: attempt,
      [ATTR_THROUGHLINE_MAX_ATTEMPTS]: maxAttempts,
      [ATTR_PGCONDUCTOR_EXECUTION_ID]: id,
      [ATTR_PGCONDUCTOR_ATTEMPT]: attempt,
      [ATTR_PGCONDUCTOR_MAX_ATTEMPTS]: maxAttempts,
      [ATTR_PGCONDUCTOR_TRIGGER]: trigger,
      [ATTR_PGCONDUCTOR_TRIGGER_NAME]: trigger === 'invoke' ? undefined : eventName,
      [ATTR_PGCONDUCTOR_RESUMED]: last?.ending === 'suspended' || undefined,
      [ATTR_PGCONDUCTOR_RECOVERED]: last?.ending === 'lost' || undefined,
      [ATTR_PGCONDUCTOR_DUE_AT]:
        trigger === 'cron' && carried ? new Date(carried[1]).toISOString() : undefined,
      [METRIC_THROUGHLINE_WAIT_DURATION]: this.#waitMs / 1_000,
      [METRIC_THROUGHLINE_DELAY_DURATION]: attempt === 1 ? inSeconds(this.#delayMs ?? 0) : undefined,
      [METRIC_THROUGHLINE_BACKOFF_DURATION]: inSeconds(last?.backoffMs),
      ...originAttributes(origin),
    };
  }
}

/** Replaced carriers count once: later runs are linked to the first. @param replaced as the row has them */
function linksOf(
  { propagation }: Telemetry,
  { links }: Origin,
  last: LastRun | undefined,
  replaced: unknown,
): readonly SpanLink[] | undefined {
  if (last !== undefined) return last.link === undefined ? links : [...(links ?? []), last.link];
  if (!Array.isArray(replaced)) return links;
  const earlier = replaced.flatMap((carrier: unknown): SpanLink[] => {
    const context = propagation.extract(carrier);
    return context === undefined ? [] : [{ context, relation: 'produced_by' }];
  });
  return [...(links ?? []), ...earlier];
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000;
}

function reasonOf(committed: CommittedOutcome): Attributes | undefined {
  return committed === 'sleeping' ? sleeping : undefined;
}

const sleeping: Attributes = Object.freeze({ [ATTR_THROUGHLINE_REASON]: 'sleep' });
