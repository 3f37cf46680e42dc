import { durationText, errorOf, labelOf } from './label.ts';
import type { SpanPair, TraceComparison, TraceDivergence } from './trace-comparison.ts';
import type { TraceSpan } from './trace-span.ts';

const mostListed = 5;

/** The comparison as a few lines: how many differences, and the first of each kind. */
export function comparisonText(comparison: Omit<TraceComparison, 'toText'>): string {
  const { firstDivergence, added, removed, statusChanged, durationChanged } = comparison;
  const lines = [
    firstDivergence === undefined
      ? 'The same happened in both.'
      : `First difference: ${divergenceText(firstDivergence)}.`,
    ...listed('Only in the second', added, labelOf),
    ...listed('Only in the first', removed, labelOf),
    ...listed('Ended differently', statusChanged, statusText),
    ...listed('Took another time', durationChanged, (change) => durationChangeText(change, change.deltaMs)),
  ];
  return lines.join('\n');
}

function listed<T>(title: string, items: readonly T[], text: (item: T) => string): string[] {
  if (items.length === 0) return [];
  const more = items.length > mostListed ? [`  … ${items.length - mostListed} more`] : [];
  return [
    `${title}: ${items.length}`,
    ...items.slice(0, mostListed).map((item) => `  ${text(item)}`),
    ...more,
  ];
}

function divergenceText(divergence: TraceDivergence): string {
  if (divergence.kind === 'status') return statusText(divergence);
  const { kind, before, after } = divergence;
  return kind === 'added'
    ? `${labelOf(after)} is only in the second`
    : `${labelOf(before)} is only in the first`;
}

function statusText({ before, after }: SpanPair): string {
  return `${labelOf(after)}: ${endText(before)} → ${endText(after)}`;
}

function endText({ state, error }: TraceSpan): string {
  return error === undefined ? state : `${state} with ${errorOf(error)}`;
}

function durationChangeText({ before, after }: SpanPair, deltaMs: number): string {
  const sign = deltaMs < 0 ? '−' : '+';
  const times = `${durationText(before.durationMs ?? 0)} → ${durationText(after.durationMs ?? 0)}`;
  return `${labelOf(after)}: ${times} (${sign}${durationText(Math.abs(deltaMs))})`;
}
