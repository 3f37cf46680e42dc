import type { FoldedSpan } from './folded-span.ts';
import type { TraceSpan } from './trace-span.ts';

/** Work that nobody ended. */
export interface Interruption {
  readonly span: TraceSpan;
  /**
   * `stalled`: it, or somebody who watched the queue, said so. `newer_attempt`: another start took the work up without
   * a word from this one, as after its process was killed.
   */
  readonly reason: 'stalled' | 'newer_attempt';
  /** The start that took the work up. */
  readonly by: TraceSpan | undefined;
  /** What ran inside it and was lost with it, by start: where it was when it was lost. */
  readonly inside: readonly TraceSpan[];
}

/** @param spans in order of start */
export function interruptionsOf(spans: readonly FoldedSpan[]): readonly Interruption[] {
  const insides = new Map<FoldedSpan, FoldedSpan[]>();
  for (const { lostWith } of spans) if (lostWith !== undefined) insides.set(lostWith, []);
  for (const span of spans) if (span.lostWith !== undefined) insides.get(span.lostWith)?.push(span);
  return spans
    .filter(({ lostWith }) => lostWith === undefined)
    .map((span) => interruptionOf(span, insides.get(span) ?? []));
}

function interruptionOf(span: FoldedSpan, inside: readonly FoldedSpan[]): Interruption {
  const { work } = span;
  const by = work?.latest === span ? undefined : work?.latest;
  const isSilent = by !== undefined && !span.hasEnded && work?.isStallReported(span) === false;
  return { span, reason: isSilent ? 'newer_attempt' : 'stalled', by, inside };
}
