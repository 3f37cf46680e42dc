import { asFields } from './event-data.ts';
import type { FoldedSpan, SpanWork } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';
import type { TraceOutcome } from './judge.ts';
import { attemptOf, countOf, durationText, errorOf, labelOf } from './label.ts';
import { plainText } from './plain-text.ts';
import type { SpanState } from './trace-span.ts';
import { compareAttempts } from './work.ts';

/** What a piece of the rendered tree says; an application may colour by it. */
export type TextRole = 'success' | 'failed' | 'warning' | 'pending' | 'muted';

/** How to render. */
export interface TraceTextOptions {
  /** Wraps pieces of text, in ANSI colours for example. Called with text that is already free of control characters. */
  readonly colors?: Partial<Readonly<Record<TextRole, ((text: string) => string) | undefined>>> | undefined;
  /** Milliseconds since the epoch, for the age of what is open. @default open spans show no age */
  readonly now?: number | undefined;
  /** Lines after which the rest is only counted. @default 1000 */
  readonly maxLines?: number | undefined;
}

const marks: Readonly<Record<SpanState, readonly [mark: string, role: TextRole]>> = {
  completed: ['✓', 'success'],
  failed: ['✗', 'failed'],
  canceled: ['⊘', 'muted'],
  retrying: ['↻', 'warning'],
  suspended: ['‖', 'pending'],
  open: ['…', 'pending'],
  interrupted: ['!', 'warning'],
  missing: ['?', 'muted'],
};
/** Deeper spans are drawn at this depth and say theirs, so that a chain of a million spans has lines of sensible width. */
const maxIndent = 40;

/** A span, or all attempts at one piece of work under a line of their own. */
type Item = FoldedSpan | AttemptGroup;

interface AttemptGroup {
  readonly work: SpanWork;
  readonly attempts: readonly FoldedSpan[];
}

interface Line {
  readonly item: Item;
  readonly isInGroup: boolean;
  /** Lines around it, up to its root. */
  readonly depth: number;
  /** What stands before this line, and before the lines below it. */
  readonly own: string;
  readonly below: string;
}

/** The forest as text, one line per span; iterative, and bounded in lines and in width. */
export function renderTrace(trace: FoldedTrace, outcome: TraceOutcome, options: TraceTextOptions): string {
  const { maxLines = 1000 } = options;
  trace.work.all();
  const lines = [headline(trace, outcome, options)];
  const stack: Line[] = itemsOf(trace.roots)
    .map((item) => ({ item, isInGroup: false, depth: 0, own: '', below: '' }))
    .reverse();
  let shown = 0;
  for (let line = stack.pop(); line !== undefined && lines.length < maxLines; line = stack.pop()) {
    if (!('attempts' in line.item)) shown += 1;
    lines.push(line.own + textOf(line, trace, options));
    // No spread: a star may have more children than a call may have arguments.
    for (const next of linesBelow(line).reverse()) stack.push(next);
  }
  const hidden = trace.table.rows.size - shown;
  if (hidden > 0) lines.push(`… ${countOf(hidden, 'more span')}`);
  return lines.join('\n');
}

function headline(trace: FoldedTrace, outcome: TraceOutcome, options: TraceTextOptions): string {
  const role: TextRole = outcome === 'success' ? 'success' : outcome === 'failed' ? 'failed' : 'pending';
  const parts = [
    paint(outcome, role, options),
    countOf(trace.table.rows.count, 'span'),
    durationText(trace.durationMs),
  ];
  return `${`trace ${plainText(trace.id)}`.trimEnd()}  ${parts.join(' · ')}`;
}

function linesBelow({ item, depth: depthAbove, below }: Line): Line[] {
  const isInGroup = 'attempts' in item;
  const items = isInGroup ? item.attempts : itemsOf(item.children);
  const depth = depthAbove + 1;
  if (depth > maxIndent)
    return items.map((child) => ({
      item: child,
      isInGroup,
      depth,
      own: `${below}┄ depth ${depth} ┄ `,
      below,
    }));
  return items.map((child, i) => {
    const isLast = i === items.length - 1;
    const own = below + (isLast ? '└─ ' : '├─ ');
    return { item: child, isInGroup, depth, own, below: below + (isLast ? '   ' : '│  ') };
  });
}

/** Groups attempts at the place of the first one. */
function itemsOf(children: readonly FoldedSpan[]): readonly Item[] {
  const groups = new Map<SpanWork, FoldedSpan[]>();
  for (const { work } of children) if (work !== undefined) groups.set(work, []);
  if (groups.size === 0) return children;
  for (const span of children) if (span.work !== undefined) groups.get(span.work)?.push(span);
  return children.flatMap((span): Item[] => {
    const attempts = span.work && groups.get(span.work);
    if (span.work === undefined || attempts === undefined || attempts.length < 2) return [span];
    return attempts[0] === span ? [{ work: span.work, attempts: [...attempts].sort(compareAttempts) }] : [];
  });
}

function textOf({ item, isInGroup }: Line, trace: FoldedTrace, options: TraceTextOptions): string {
  if ('attempts' in item) return groupText(item, options);
  const [mark, role] = markOf(item);
  const label = isInGroup ? '' : labelOf(item);
  const start = attemptOf(item, item.work);
  const title = isInGroup ? start : label;
  const details = [isInGroup ? '' : start, ...timesOf(item, trace, options), ...notesOf(item)].filter(
    (text) => text !== '',
  );
  const error = item.state === 'completed' ? '' : errorOf(item.error);
  const muted = details.length === 0 ? '' : `  ${paint(details.join(' · '), 'muted', options)}`;
  return `${paint(mark, role, options)} ${title}${muted}${error === '' ? '' : `  ${paint(error, 'failed', options)}`}`;
}

function groupText({ work, attempts }: AttemptGroup, options: TraceTextOptions): string {
  const [mark, role] = marks[work.state];
  const first = attempts[0] as FoldedSpan;
  const details = `${attempts.length} starts, ${work.state}`;
  return `${paint(mark, role, options)} ${labelOf(first)}  ${paint(details, 'muted', options)}`;
}

export function markOf(span: FoldedSpan): readonly [mark: string, role: TextRole] {
  if (span.state === 'completed' && span.form === 'send') return ['→', 'muted'];
  if (span.state === 'completed' && span.form === 'point')
    return ['•', span.status === 'success' ? 'success' : 'muted'];
  return marks[span.state];
}

function timesOf(span: FoldedSpan, trace: FoldedTrace, { now }: TraceTextOptions): string[] {
  if (span.form !== 'work') return [];
  const { delayMs, waitMs, backoffMs, runMs } = trace.timingOf(span, now);
  const isKnown = span.durationMs !== undefined || now !== undefined;
  const pauses = [
    { word: 'delay', ms: delayMs },
    { word: 'wait', ms: waitMs },
    { word: 'backoff', ms: backoffMs },
  ].filter(({ ms }) => ms > 0);
  const run = isKnown ? [pauses.length === 0 ? durationText(runMs) : `run ${durationText(runMs)}`] : [];
  return [...pauses.map(({ word, ms }) => `${word} ${durationText(ms)}`), ...run];
}

/** What the schema gives a meaning of its own is shown by the line itself, or not at all. */
const reserved: ReadonlySet<string> = new Set(
  'name kind attributes resource attempt max_attempts outcome final step compensation original_span_id error links entity truncated'.split(
    ' ',
  ),
);
const mostNotes = 4;

/** The plain values that a point carries: what was decided, how sure, and why. */
function notesOf(span: FoldedSpan): string[] {
  if (span.form !== 'point') return [];
  return Object.entries(asFields(span.event?.data) ?? {})
    .filter(([key, value]) => !reserved.has(key) && (typeof value !== 'object' || value === null))
    .slice(0, mostNotes)
    .map(([key, value]) => `${plainText(key)}=${plainText(value)}`);
}

function paint(text: string, role: TextRole, { colors }: TraceTextOptions): string {
  return colors?.[role]?.(text) ?? text;
}
