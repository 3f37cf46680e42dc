import type { CompensationRow, CompensationStatus } from './compensations.ts';
import type { FailureCause, FailureExplanation, RecoveredWork } from './failure-explanation.ts';
import type { FoldedSpan } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';
import type { Interruption } from './interruptions.ts';
import { attemptOf, errorOf, labelOf } from './label.ts';
import { plainText } from './plain-text.ts';
import type { TraceSpan } from './trace-span.ts';

const endings: Readonly<Record<FailureExplanation['outcome'], string>> = {
  success: 'succeeded.',
  failed: 'failed:',
  interrupted: 'was interrupted: its worker was lost and nobody took the work up.',
  open: 'is still open; nothing has failed for good.',
  canceled: 'was canceled.',
  unknown: 'has no events.',
};

/** The explanation as one paragraph. */
export function explanationText(explanation: FailureExplanation, trace: FoldedTrace): string {
  const { causes, recovered, interrupted, open, compensation, confidence } = explanation;
  const [first, ...others] = causes;
  const sentences = [
    `${`Trace ${plainText(trace.id)}`.trimEnd()} ${endings[explanation.outcome]}${first ? ` ${causeText(first)}.` : ''}`,
    first && first.chain.length > 1 ? `Chain: ${chainText(first.chain)}.` : '',
    listed('Failed as well', others, causeText),
    listed('Recovered', recovered, recoveredText),
    ...ledgerTexts(compensation),
    listed('Interrupted', interrupted, interruptionText),
    listed('Still open', open, openText),
    confidence.level === 'high' ? '' : `Confidence is ${confidence.level}: ${confidence.reasons.join('; ')}.`,
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function causeText({ span, spans, error, job, work }: FailureCause): string {
  const who = labelOf(job ?? span);
  const where = job === undefined || job === span ? '' : ` in ${labelOf(span)}`;
  const start = job === undefined ? '' : attemptOf(job, work);
  const when = start === '' ? '' : ` at ${start},`;
  const what = error === undefined ? ' without a recorded error' : ` with ${errorOf(error)}`;
  const more = spans.length > 1 ? ` (the same in ${spans.length - 1} more)` : '';
  return `${who} failed${when}${where}${what}${more}`;
}

/** Sends say nothing that the job below them does not say; of a long chain the ends say the most. */
function chainText(chain: readonly TraceSpan[]): string {
  const labels = chain.filter(({ form, state }) => form !== 'send' || state === 'failed').map(labelOf);
  const shown = labels.length > 9 ? [...labels.slice(0, 3), '…', ...labels.slice(-5)] : labels;
  return shown.join(' → ');
}

function recoveredText({ by, failures }: RecoveredWork): string {
  const start = attemptOf(by, (by as FoldedSpan).work);
  const last = failures.at(-1);
  const error = errorOf(last?.error) || (last?.state === 'interrupted' ? 'a lost start' : 'a failure');
  const count = failures.length > 1 ? `${failures.length} failures, the last ` : '';
  return `${labelOf(by)} completed${start === '' ? '' : ` at ${start}`} after ${count}${error}`;
}

const ledgerWords: readonly (readonly [status: CompensationStatus, word: string])[] = [
  ['compensated', 'Undone'],
  ['failed', 'Undoing failed'],
  ['skipped', 'Undoing was skipped'],
  ['pending', 'Not undone yet'],
  ['missing', 'NOT undone'],
  ['not_needed', 'Nothing to undo'],
];

/** One sentence per status; what needs nothing is only worth a word when something else does. */
function ledgerTexts(rows: readonly CompensationRow[]): string[] {
  if (rows.every(({ status }) => status === 'not_needed')) return [];
  return ledgerWords.map(([status, word]) =>
    listed(
      word,
      rows.filter((row) => row.status === status),
      undoingText,
    ),
  );
}

function undoingText({ step, by, status, isOutOfOrder }: CompensationRow): string {
  const undoing = by.at(-1);
  if (undoing === undefined) return labelOf(step);
  const error = status === 'failed' ? errorOf(latestOf(undoing).error) : '';
  const order = isOutOfOrder ? ', out of order' : '';
  return `${labelOf(step)} by ${labelOf(undoing)}${order}${error === '' ? '' : ` with ${error}`}`;
}

/** What a job that undoes something came to. */
function latestOf(span: TraceSpan): TraceSpan {
  return (span as FoldedSpan).work?.latest ?? span;
}

const mostListed = 5;

function listed<T>(title: string, items: readonly T[], text: (item: T) => string): string {
  if (items.length === 0) return '';
  const more = items.length > mostListed ? `; and ${items.length - mostListed} more` : '';
  return `${title}: ${items.slice(0, mostListed).map(text).join('; ')}${more}.`;
}

/** Where it was lost, and who took it up. */
function interruptionText({ span, reason, by, inside }: Interruption): string {
  const where = inside.length === 0 ? '' : ` in ${labelOf(inside.at(-1) as TraceSpan)}`;
  const how = reason === 'stalled' ? 'stalled' : 'lost';
  const next = by === undefined ? '' : attemptOf(by, (by as FoldedSpan).work).split(',')[0];
  const place = by !== undefined && isElsewhere(span, by) ? ' in another process' : '';
  return `${withAttempt(span)}, ${how}${where}${next ? `, taken up by ${next}${place}` : ''}`;
}

function isElsewhere(span: TraceSpan, by: TraceSpan): boolean {
  const source = span.events[0]?.source;
  return source !== undefined && by.events[0]?.source !== undefined && source !== by.events[0]?.source;
}

/** What is to be tried again says why. */
function openText(span: TraceSpan): string {
  const error = span.state === 'retrying' ? errorOf(span.error) : '';
  return `${withAttempt(span)}${error === '' ? '' : `, with ${error}`}`;
}

function withAttempt(span: TraceSpan): string {
  const start = attemptOf(span, (span as FoldedSpan).work);
  return start === '' ? labelOf(span) : `${labelOf(span)}, ${start}`;
}
