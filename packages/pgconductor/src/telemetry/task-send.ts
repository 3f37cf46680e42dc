import {
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_THROUGHLINE_REASON,
  type Attributes,
  type CarriedRelation,
  isValidTraceContext,
  type Span,
  type TraceContext,
} from '@throughline/core';
import { ATTR_PGCONDUCTOR_EXECUTION_ID, ATTR_PGCONDUCTOR_IN_TRANSACTION } from './attribute-names.ts';
import { carrierText } from './carrier-text.ts';
import type { EngineTelemetry } from './engine-telemetry.ts';
import { type Relation, relationOfTask } from './relation.ts';
import type { TracedTask } from './traced-task.ts';

/** One execution that is about to be enqueued. */
export interface Sending {
  /** `send mail`, or `invoke mail` for a child. */
  readonly span: string;
  readonly payload: unknown;
  /** The span that it is a part of. @default what is active */
  readonly parent: TraceContext | undefined;
  /** What was said of this one. */
  readonly relation: Relation | undefined;
  readonly isBulk: boolean;
  readonly isInTransaction: boolean;
}

const inTransaction: Attributes = Object.freeze({ [ATTR_PGCONDUCTOR_IN_TRANSACTION]: true });
const throttled: Attributes = Object.freeze({ [ATTR_THROUGHLINE_REASON]: 'throttled' });
const replacement: Attributes = Object.freeze({ [ATTR_THROUGHLINE_REASON]: 'replaced' });

/**
 * One execution on its way into the database: its PRODUCER span, started before its carrier is made, which is for the row of
 * the execution.
 */
export class TaskSend {
  /** JSON, for the column; `undefined` when there is nothing to continue. */
  readonly carrier: string | undefined;
  readonly #telemetry: EngineTelemetry;
  readonly #task: TracedTask;
  readonly #span: Span;

  constructor(telemetry: EngineTelemetry, task: TracedTask, sending: Sending) {
    const { port } = telemetry;
    this.#telemetry = telemetry;
    this.#task = task;
    this.#span = port.startSpan(sending.span, {
      kind: 'producer',
      parent: isValidTraceContext(sending.parent) ? sending.parent : undefined,
      subject: 'task',
      attributes: task.sending,
    });
    if (sending.isInTransaction && this.#span.isRecording) this.#span.setAttributes(inTransaction);
    this.carrier = carrierText(port, this.#span.context, carriedRelation(telemetry, task, sending));
  }

  get context(): TraceContext {
    return this.#span.context;
  }

  /**
   * @param id of the execution; `null` when it was throttled, and there is none
   * @param isReplacement whether what waited under its key was replaced
   */
  sent(id: string | null, isReplacement: boolean): void {
    if (id !== null && this.#span.isRecording) this.#span.identify(this.#task.entity(id));
    this.#span.end(this.#span.isRecording ? { attributes: sentAttributes(id, isReplacement) } : undefined);
  }

  /** It is there, under an id that is not known here. */
  accepted(): void {
    this.#span.end();
  }

  /** Nothing came of it, and nothing went wrong. */
  dropped(): void {
    this.#span.end({ outcome: 'canceled' });
  }

  failed(error: unknown): void {
    this.#span.end({ outcome: 'error', error: this.#telemetry.tellable(error) });
  }
}

function sentAttributes(id: string | null, isReplacement: boolean): Attributes {
  if (id === null) return throttled;
  const sent = { [ATTR_MESSAGING_MESSAGE_ID]: id, [ATTR_PGCONDUCTOR_EXECUTION_ID]: id };
  return isReplacement ? { ...sent, ...replacement } : sent;
}

/** What only the sender knows, and what was said here; nothing where whoever runs it comes to the same by itself. */
function carriedRelation(
  { port, settings }: EngineTelemetry,
  { name, queue }: TracedTask,
  { payload, relation, isBulk }: Sending,
): CarriedRelation | undefined {
  const wanted =
    relation === undefined || relation === 'auto'
      ? relationOfTask(port, settings.relation, { name, queue, payload })
      : relation;
  if (wanted !== 'auto') return wanted;
  return isBulk ? 'link' : undefined;
}
