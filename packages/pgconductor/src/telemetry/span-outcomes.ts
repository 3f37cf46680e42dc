import type { SpanOutcome } from '@throughline/core';
import type { CommittedOutcome } from '../execution/outcome.ts';
import type { ExecutionStatus } from './worker-execution.ts';

/** How the span of a run ends, as the committed row says. */
export const spanOutcomes: Readonly<Record<CommittedOutcome, SpanOutcome>> = {
  completed: 'ok',
  failed: 'retry',
  dead: 'error',
  released: 'released',
  sleeping: 'waiting',
  waiting: 'waiting',
  canceled: 'canceled',
  lost: 'lost',
};

/** How the same is called in the type of a stored event. */
export const phases: Readonly<Record<CommittedOutcome, string>> = {
  completed: 'completed',
  failed: 'retrying',
  dead: 'failed',
  released: 'suspended',
  sleeping: 'suspended',
  waiting: 'suspended',
  canceled: 'canceled',
  lost: 'stalled',
};

/** How the same is measured. */
export const statuses: Readonly<Record<CommittedOutcome, ExecutionStatus>> = {
  completed: 'completed',
  failed: 'failed',
  dead: 'permanently_failed',
  released: 'released',
  sleeping: 'wait',
  waiting: 'wait',
  canceled: 'canceled',
  lost: 'lost',
};
