import type { SpanLink } from '@throughline/core';
import type { TraceEvent } from '@throughline/core/events';
import type { RecordedSpan } from '@throughline/core/testing';

/** One span, as the page tells it. No ids and no times: the same behaviour gives the same words. */
export interface AccountLine {
  /** Name, number of the start where there are several, links; indented below its parent. */
  readonly span: string;
  readonly outcome: string;
  readonly stored: string;
}

/** What one run of a situation told: its spans, trace by trace, each below its parent. */
export type Account = readonly AccountLine[];

const nothing: Account = [{ span: '–', outcome: '–', stored: '–' }];

/** @param spans in the order of their start */
export function accountOf(spans: readonly RecordedSpan[], events: readonly TraceEvent[]): Account {
  const inOrder = [...spans].sort((a, b) => a.startTime - b.startTime);
  const names = new SpanNames(inOrder);
  const isKnown = (id: string | undefined): boolean => inOrder.some(({ context }) => context.spanId === id);
  const roots = inOrder.filter(({ parent }) => !isKnown(parent?.spanId));
  const traces = [...new Set(roots.map(({ context }) => context.traceId))];
  const mark = (root: RecordedSpan): string =>
    traces.length > 1 ? `${circled(traces.indexOf(root.context.traceId))} ` : '';

  const linesOf = (span: RecordedSpan, depth: number): AccountLine[] => {
    const below = inOrder.filter(({ parent }) => parent?.spanId === span.context.spanId);
    // Who reports a point is somebody else, whose moment is a question of milliseconds.
    const children = [...below.filter(isNoPoint), ...below.filter((child) => !isNoPoint(child))];
    const indent = depth === 0 ? mark(span) : `${'&emsp;'.repeat(depth)}↳ `;
    const foreign = depth === 0 && span.parent ? ', below a span from elsewhere' : '';
    const line = {
      span: `${indent}${names.of(span)}${foreign}${names.links(span.links)}`,
      outcome: outcomeOf(span),
      stored: storedOf(span, events),
    };
    return [line, ...children.flatMap((child) => linesOf(child, depth + 1))];
  };
  const inTraces = traces.flatMap((trace) => roots.filter(({ context }) => context.traceId === trace));
  const lines = inTraces.flatMap((root) => linesOf(root, 0));
  return lines.length > 0 ? lines : nothing;
}

const isNoPoint = ({ eventType }: RecordedSpan): boolean => eventType === undefined;

/** How a reader tells the spans of one situation apart. */
class SpanNames {
  readonly #spans: readonly RecordedSpan[];
  readonly #tellsStarts: boolean;
  readonly #tellsJobs: boolean;

  constructor(spans: readonly RecordedSpan[]) {
    const jobs = spans.flatMap(({ entity }) => (entity ? [`${entity.queue} ${entity.name}`] : []));
    const queues = spans.flatMap(({ entity }) => (entity ? [entity.queue] : []));
    this.#spans = spans;
    this.#tellsStarts = spans.some(({ entity }) => (entity?.attempt ?? 1) > 1);
    this.#tellsJobs = new Set(jobs).size > new Set(queues).size;
  }

  of({ name, kind, entity }: RecordedSpan): string {
    const job = this.#tellsJobs && entity?.name !== undefined ? ` (${entity.name})` : '';
    const start = this.#tellsStarts && entity?.attempt !== undefined ? `, start ${entity.attempt}` : '';
    return `\`${name}\`${job}${start}${kind === kindOf(name) ? '' : `, of kind ${kind}`}`;
  }

  links(links: readonly SpanLink[]): string {
    return links
      .map(({ context, relation }) => {
        const target = this.#spans.find((span) => span.context.spanId === context.spanId);
        return `, ${relation ?? 'linked'} → ${target ? this.of(target) : 'a span from elsewhere'}`;
      })
      .join('');
  }
}

/** The kind that a span of that name has, as the page says above its tables. */
function kindOf(name: string): RecordedSpan['kind'] {
  if (name.startsWith('send ')) return 'producer';
  return name.startsWith('process ') ? 'consumer' : 'internal';
}

function outcomeOf({ endTime, outcome, error, attributes }: RecordedSpan): string {
  if (endTime === undefined) return 'still open';
  const reason = attributes['throughline.reason'];
  const thrown = error === undefined ? '' : ` · ${typeNameOf(error)}`;
  const word = outcome === undefined ? 'a point in time' : `**${outcome}**`;
  return `${word}${thrown}${reason === undefined ? '' : ` · reason \`${reason}\``}`;
}

function typeNameOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : `a ${typeof error}`;
}

function storedOf({ context }: RecordedSpan, events: readonly TraceEvent[]): string {
  const stored = events.filter(({ span_id }) => span_id === context.spanId);
  const words = stored.map(({ event_type, status }) => `\`${event_type}\`${status ? ` ${status}` : ''}`);
  return words.length > 0 ? words.join(' → ') : '–';
}

function circled(index: number): string {
  return String.fromCodePoint(('①'.codePointAt(0) as number) + index);
}
