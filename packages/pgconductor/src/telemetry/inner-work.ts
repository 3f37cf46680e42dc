import type { Span, TraceContext } from '@throughline/core';
import type { ChildIds } from '../execution/execution.ts';
import type { CommittedOutcome } from '../execution/outcome.ts';
import type { InvokedTask } from '../task/task-catalog.ts';
import { ATTR_PGCONDUCTOR_STEP } from './attribute-names.ts';
import type { EngineTelemetry } from './engine-telemetry.ts';
import { stepDone } from './measured-events.ts';
import { TaskSend } from './task-send.ts';
import type { TracedTask } from './traced-task.ts';

/** What one run begins inside its span: steps, and children, which exist once the run is suspended for them. */
export class InnerWork {
  readonly #telemetry: EngineTelemetry;
  readonly #task: TracedTask;
  readonly #span: TraceContext;
  /** Of steps that go on. */
  readonly #steps = new Set<Span>();
  readonly #children: (readonly [name: string, send: TaskSend])[] = [];

  /** @param span of the run */
  constructor(telemetry: EngineTelemetry, task: TracedTask, span: TraceContext) {
    this.#telemetry = telemetry;
    this.#task = task;
    this.#span = span;
  }

  get hasChildren(): boolean {
    return this.#children.length > 0;
  }

  /** Does the work of a step inside a span of its own. */
  step(name: string, work: () => unknown): Promise<unknown> {
    const span = this.#telemetry.port.startSpan(`step ${name}`, {
      parent: this.#parent,
      subject: 'step',
      attributes: { [ATTR_PGCONDUCTOR_STEP]: name },
    });
    this.#steps.add(span);
    return this.#stepIn(span, name, work);
  }

  async #stepIn(span: Span, name: string, work: () => unknown): Promise<unknown> {
    const startedAt = performance.now();
    try {
      const result = await span.run(work);
      span.end();
      return result;
    } catch (error) {
      span.end({ outcome: 'error', error: this.#telemetry.tellable(error) });
      throw error;
    } finally {
      this.#steps.delete(span);
      measureStep(this.#telemetry, this.#task, name, performance.now() - startedAt);
    }
  }

  /**
   * @param child its name in this run
   * @returns what the child carries
   */
  invoke(child: string, { name, queue }: InvokedTask, payload: unknown): object | undefined {
    const task = this.#telemetry.task(name, queue);
    const send = new TaskSend(this.#telemetry, task, {
      span: task.invokeSpan,
      payload,
      parent: this.#parent,
      relation: 'parent',
      isBulk: false,
      isInTransaction: false,
    });
    this.#children.push([child, send]);
    return send.carrier === undefined ? undefined : JSON.parse(send.carrier);
  }

  /**
   * The run is over: so are steps whose work goes on although it is, and children that exist now, or never will.
   *
   * @param ids of children; `undefined` when they were lost on the way
   */
  end(committed: CommittedOutcome, ids: ChildIds | undefined): void {
    for (const step of this.#steps) step.end({ outcome: 'canceled' });
    for (const [name, send] of this.#children)
      if (committed === 'waiting') accept(send, ids?.[name]);
      else send.dropped();
  }

  get #parent(): TraceContext {
    return this.#telemetry.port.activeContext() ?? this.#span;
  }
}

function accept(send: TaskSend, id: number | undefined): void {
  if (id === undefined) send.accepted();
  else send.sent(String(id), false);
}

/** @param durationMs `undefined` when the result was there already */
export function measureStep(
  { port }: EngineTelemetry,
  task: TracedTask,
  step: string,
  durationMs: number | undefined,
): void {
  if (port.isEnabled('measurements'))
    port.emitEvent(stepDone, { attributes: task.ran.ok, task: task.name, step, durationMs });
}
