import {
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_THROUGHLINE_ATTEMPT,
  type Attributes,
  type SpanLink,
  type TraceContext,
} from '@throughline/core';
import type { CommittedOutcome } from '../execution/outcome.ts';
import { ATTR_PGCONDUCTOR_ATTEMPT, ATTR_PGCONDUCTOR_EXECUTION_ID } from './attribute-names.ts';
import type { EngineTelemetry } from './engine-telemetry.ts';
import { phases, spanOutcomes } from './span-outcomes.ts';
import type { TracedTask } from './traced-task.ts';

/** How an execution ended, or one start of it, that has no `process` span of its own. */
export interface WorkEnd {
  readonly id: string;
  /** Which start it ended; `undefined` when it was never started. */
  readonly attempt: number | undefined;
  readonly maxAttempts?: number | undefined;
  readonly outcome: CommittedOutcome;
  readonly error: unknown;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** What it belongs to; a trace of its own without. */
  readonly parent: TraceContext | undefined;
  readonly links?: readonly SpanLink[] | undefined;
  readonly attributes?: Attributes | undefined;
}

const ofSettling = { [ATTR_MESSAGING_OPERATION_TYPE]: 'settle', [ATTR_MESSAGING_OPERATION_NAME]: 'settle' };

/** Tells it as a point `settle {task}`, so that the execution is found by its id, with how it ended. */
export function tellEnd({ port, tellable }: EngineTelemetry, task: TracedTask, end: WorkEnd): void {
  const { id, attempt, maxAttempts, outcome, error, time, parent, links } = end;
  const settling = { ...task.processing, ...ofSettling };
  const span = port.startSpan(`settle ${task.name}`, {
    eventType: `task:${phases[outcome]}`,
    startTime: time,
    parent: parent ?? null,
    links,
    entity: task.entity(id, attempt, maxAttempts),
    attributes: settling,
  });
  if (span.isRecording)
    span.setAttributes({
      [ATTR_MESSAGING_MESSAGE_ID]: id,
      [ATTR_THROUGHLINE_ATTEMPT]: attempt,
      [ATTR_PGCONDUCTOR_EXECUTION_ID]: id,
      [ATTR_PGCONDUCTOR_ATTEMPT]: attempt,
      ...end.attributes,
    });
  span.end({ outcome: spanOutcomes[outcome], error: tellable(error), endTime: time });
}
