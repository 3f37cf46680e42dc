import {
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_CLIENT_ID,
  ATTR_MESSAGING_OPERATION_NAME,
  type Attributes,
  isValidTraceContext,
  type Span,
  type SpanLink,
  type SpanOutcome,
  type TraceContext,
  traceFields,
} from '@throughline/core';
import { type BatchHost, BatchRun } from '../execution/batch-run.ts';
import type { Execution } from '../execution/execution.ts';
import type { CommittedOutcome } from '../execution/outcome.ts';
import type { RunnableTask } from '../execution/runnable-task.ts';
import type { Logger } from '../task/logger.ts';
import { ATTR_PGCONDUCTOR_DROPPED_LINKS } from './attribute-names.ts';
import { childLogger } from './child-logger.ts';
import type { EngineTelemetry } from './engine-telemetry.ts';
import { spanOutcomes } from './span-outcomes.ts';

const ofMember = { [ATTR_MESSAGING_OPERATION_NAME]: 'member' };
/** Of OpenTelemetry's own limit. */
const mostLinks = 128;
/** Of members that ended differently the batch has the outcome that comes first here. */
const gravity: readonly SpanOutcome[] = ['error', 'lost', 'retry', 'canceled', 'released', 'waiting', 'ok'];

/**
 * A batch with one `process` span for all its members, of a trace of its own, with a link to the sender of each. It ends when
 * the row of its last member is committed.
 *
 * Each member has a span in the trace of its sender, from the start of the batch, so that it is found by its id while it runs,
 * and when its worker is killed.
 */
export class TracedBatchRun extends BatchRun {
  readonly #telemetry: EngineTelemetry;
  readonly #outcomes = new Map<SpanOutcome, number>();
  #span: Span | undefined;
  #logger: Logger | undefined;
  #unsettled = 0;
  #error: unknown;

  constructor(host: BatchHost, task: RunnableTask, telemetry: EngineTelemetry) {
    super(host, task);
    this.#telemetry = telemetry;
  }

  override begin(): void {
    super.begin();
    const { port } = this.#telemetry;
    const { name, task } = this.task;
    const traced = this.#telemetry.task(name, task.queue);
    const { links, dropped } = this.#links();
    this.#unsettled = this.members.length;
    this.#span = port.startSpan(traced.processSpan, {
      kind: 'consumer',
      parent: null,
      links,
      subject: 'task',
      attributes: traced.processing,
    });
    for (const member of this.members) member.begin();
    if (!this.#span.isRecording) return;
    this.#span.setAttributes({
      [ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: this.members.length,
      [ATTR_MESSAGING_CLIENT_ID]: this.host.worker,
      [ATTR_PGCONDUCTOR_DROPPED_LINKS]: dropped || undefined,
    });
  }

  override call(events: readonly unknown[], context: unknown): unknown {
    return this.#span === undefined
      ? super.call(events, context)
      : this.#span.run(() => super.call(events, context));
  }

  override get trace(): TraceContext {
    return this.#span?.context ?? super.trace;
  }

  override get logger(): Logger {
    this.#logger ??= childLogger(
      this.host.logger,
      isValidTraceContext(this.trace) ? { ...traceFields(this.trace) } : {},
    );
    return this.#logger;
  }

  /**
   * @param last to the span of its run before this one
   * @returns `undefined` where nobody looks at spans
   */
  startMember(member: Execution, last: SpanLink | undefined): Span | undefined {
    const { port } = this.#telemetry;
    if (this.#span === undefined || !port.isEnabled('spans')) return undefined;
    const { name, task, maxAttempts } = this.task;
    const traced = this.#telemetry.task(name, task.queue);
    const batch: SpanLink = { context: this.#span.context, relation: 'batch' };
    return port.startSpan(`member ${name}`, {
      parent: this.#senderOf(member) ?? null,
      links: last === undefined ? [batch] : [batch, last],
      subject: 'task',
      entity: traced.entity(String(member.id), member.attempt, maxAttempts),
      attributes: { ...traced.processing, ...ofMember },
    });
  }

  /** The row of a member is committed. */
  settled(committed: CommittedOutcome, error: unknown): void {
    const outcome = spanOutcomes[committed];
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
    this.#error ??= error;
    this.#unsettled -= 1;
    if (this.#unsettled === 0) this.#end();
  }

  #end(): void {
    const span = this.#span;
    this.#span = undefined;
    const outcome = gravity.find((one) => this.#outcomes.has(one)) ?? 'ok';
    span?.end({ outcome, error: this.#telemetry.tellable(this.#error), attributes: this.#counts() });
  }

  /** How many members ended how. */
  #counts(): Attributes {
    return Object.fromEntries(
      [...this.#outcomes].map(([outcome, count]) => [`pgconductor.batch.${outcome}`, count]),
    );
  }

  #links(): { readonly links: readonly SpanLink[]; readonly dropped: number } {
    const links = new Map<string, SpanLink>();
    for (const member of this.members) {
      const context = this.#senderOf(member);
      if (context) links.set(`${context.traceId}${context.spanId}`, { context, relation: 'batch' });
    }
    const all = [...links.values()];
    return { links: all.slice(0, mostLinks), dropped: Math.max(0, all.length - mostLinks) };
  }

  #senderOf({ batch, place, id }: Execution): TraceContext | undefined {
    const carrier = batch.traces?.of(place, id)[2];
    return carrier ? this.#telemetry.port.propagation.extract(carrier) : undefined;
  }
}
