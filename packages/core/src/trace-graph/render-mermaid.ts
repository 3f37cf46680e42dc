import type { FoldedSpan } from './folded-span.ts';
import type { FoldedTrace } from './folded-trace.ts';
import { attemptOf, countOf, durationText, errorOf, labelOf } from './label.ts';
import { markOf } from './render.ts';
import type { SpanForm, SpanState } from './trace-span.ts';

/** How to draw. */
export interface TraceMermaidOptions {
  /** Where the children are: below (`TD`), or to the right (`LR`). @default 'TD' */
  readonly direction?: 'TD' | 'LR' | undefined;
  /** Spans after which the rest is only counted. Renderers refuse more than 500 edges. @default 200 */
  readonly maxSpans?: number | undefined;
}

/** Renderers refuse texts above 50,000 characters; this leaves room for edges and classes. */
const maxNodesText = 40_000;
const maxLineLength = 120;

const shapes: Readonly<Record<SpanForm, readonly [open: string, close: string]>> = {
  work: ['[', ']'],
  send: ['([', '])'],
  point: ['{{', '}}'],
  missing: ['[', ']'],
};

const styles: Readonly<Record<SpanState, string>> = {
  completed: 'stroke:#2e7d32',
  failed: 'stroke:#c62828,stroke-width:3px',
  canceled: 'stroke:#757575,stroke-dasharray:4',
  retrying: 'stroke:#ef6c00',
  suspended: 'stroke:#1565c0',
  open: 'stroke:#1565c0,stroke-dasharray:4',
  interrupted: 'stroke:#ef6c00,stroke-dasharray:4',
  missing: 'stroke:#757575,stroke-dasharray:2',
};

/**
 * The forest as a Mermaid flowchart: one node per span, a dotted edge for a link between traces and for what an undoing
 * undoes. Bounded in nodes and in length.
 *
 * @see {@link https://mermaid.js.org/syntax/flowchart.html | Mermaid flowcharts}
 */
export function renderMermaid(
  trace: FoldedTrace,
  { direction = 'TD', maxSpans = 200 }: TraceMermaidOptions,
): string {
  trace.work.all();
  const nodes = new Map<FoldedSpan, string>();
  const lines = [`flowchart ${direction === 'LR' ? 'LR' : 'TD'}`];
  const states = new Set<SpanState>();
  let length = 0;
  for (const span of trace.inTreeOrder) {
    const line = nodeText(`n${nodes.size}`, span);
    length += line.length;
    if (nodes.size >= maxSpans || length > maxNodesText) break;
    nodes.set(span, `n${nodes.size}`);
    states.add(span.state);
    lines.push(line);
  }
  const hidden = trace.table.rows.size - nodes.size;
  if (hidden > 0) lines.push(`  more["… ${countOf(hidden, 'more span')}"]`);
  for (const [span, id] of nodes) lines.push(...edgesOf(span, id, nodes, trace));
  for (const state of states) lines.push(`  classDef ${state} ${styles[state]}`);
  return lines.join('\n');
}

function nodeText(id: string, span: FoldedSpan): string {
  const [open, close] = shapes[span.form];
  const [mark] = markOf(span);
  const details = detailsOf(span);
  const label =
    escapeLabel(`${mark} ${labelOf(span)}`) + (details === '' ? '' : `<br/>${escapeLabel(details)}`);
  return `  ${id}${open}"${label}"${close}:::${span.state}`;
}

function detailsOf(span: FoldedSpan): string {
  const took = span.form === 'work' && span.durationMs !== undefined ? durationText(span.durationMs) : '';
  const error = span.state === 'completed' ? '' : errorOf(span.error);
  return [attemptOf(span, span.work), took, error].filter((text) => text !== '').join(' · ');
}

function edgesOf(
  span: FoldedSpan,
  id: string,
  nodes: ReadonlyMap<FoldedSpan, string>,
  trace: FoldedTrace,
): string[] {
  const nodeOf = (other: FoldedSpan | undefined): string | undefined => other && nodes.get(other);
  const parent = nodeOf(span.parent);
  const origin = nodeOf(span.origin);
  const undone = nodeOf(
    span.originalSpanId === undefined
      ? undefined
      : trace.find({ trace_id: span.traceId, span_id: span.originalSpanId }),
  );
  return [
    ...(parent === undefined ? [] : [`  ${parent} --> ${id}`]),
    ...(origin === undefined ? [] : [`  ${origin} -. link .-> ${id}`]),
    ...(undone === undefined ? [] : [`  ${id} -. undoes .-> ${undone}`]),
  ];
}

/**
 * What is neither letter, digit nor harmless is written as its code, so that no name can end the label, begin a
 * directive, or become markup or Markdown.
 */
const unsafe = /[^\p{L}\p{N} ,:()/✓✗⊘↻‖…!?→•·]/gu;

function escapeLabel(text: string): string {
  const characters = [...text];
  const shown = characters.length > maxLineLength ? [...characters.slice(0, maxLineLength), '…'] : characters;
  // Mermaid marks codes with this ligature and reads them more than once, so as a code of its own it would come back.
  const plain = shown.join('').replaceAll('ﬂ', 'fl');
  return plain.replace(unsafe, (character) => `#${character.codePointAt(0) ?? 0};`);
}
