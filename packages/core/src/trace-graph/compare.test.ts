import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../events/trace-event.ts';
import { loanSagaStory } from '../testing/loan-saga-story.ts';
import { oneEvent, type SpanPlan, spanEvents } from './build-events.ts';
import type { TraceComparison } from './trace-comparison.ts';
import { createTraceGraph } from './trace-graph.ts';

type Story = Readonly<Record<string, SpanPlan>>;
const eventsOf = (story: Story): TraceEvent[] =>
  Object.entries(story).flatMap(([id, plan]) => spanEvents(id, plan));
const compare = (before: Story, after: Story): TraceComparison =>
  createTraceGraph(eventsOf(before)).compare(createTraceGraph(eventsOf(after)));
const ids = (spans: readonly { spanId: string }[]): string[] => spans.map(({ spanId }) => spanId);

const good: Story = {
  R: { subject: 'loan', ms: 100 },
  A: { parent: 'R', subject: 'stage:credit', at: 10 },
  B: { parent: 'R', subject: 'stage:pay', at: 30 },
};
/** The same with other ids, an hour later. */
const later = (story: Story): Story =>
  Object.fromEntries(
    Object.entries(story).map(([id, plan]) => [
      `${id}2`,
      {
        ...plan,
        at: (plan.at ?? 0) + 3_600_000,
        ...(plan.parent === undefined ? {} : { parent: `${plan.parent}2` }),
      },
    ]),
  );

describe('the comparison of two traces', () => {
  it('is empty for the same trace, and for the same story with other ids and times', () => {
    const nothing = {
      firstDivergence: undefined,
      added: [],
      removed: [],
      statusChanged: [],
      durationChanged: [],
    };
    expect(compare(good, good)).toMatchObject(nothing);
    expect(compare(good, later(good))).toMatchObject(nothing);
    expect(compare(good, good).toText()).toBe('The same happened in both.');
  });

  it('names what only one of them has, without what is below', () => {
    const more: Story = {
      ...good,
      C: { parent: 'R', subject: 'stage:mail', at: 50 },
      D: { parent: 'C', subject: 'http', at: 51, ms: 5 },
    };
    expect(ids(compare(good, more).added)).toEqual(['C']);
    expect(ids(compare(more, good).removed)).toEqual(['C']);
    expect(compare(more, good).firstDivergence).toMatchObject({ kind: 'removed', before: { spanId: 'C' } });
  });

  it('goes apart where something inside ended differently, not at what failed for it', () => {
    const bad: Story = {
      R: { ...good.R, end: 'failed', error: 'no' },
      A: good.A ?? {},
      B: { ...good.B, end: 'failed', error: 'declined' },
    };
    const comparison = compare(good, bad);
    expect(comparison.firstDivergence).toMatchObject({ kind: 'status', after: { spanId: 'B' } });
    expect(ids(comparison.statusChanged.map(({ after }) => after))).toEqual(['B', 'R']);
    expect(comparison.toText()).toContain(
      'First difference: stage:pay: completed → failed with Error: declined.',
    );
  });

  it('aligns several of a kind by their order', () => {
    const twice: Story = {
      R: { ms: 100 },
      A: { parent: 'R', at: 1 },
      B: { parent: 'R', at: 20, end: 'failed' },
    };
    const thrice: Story = { ...twice, C: { parent: 'R', at: 40 } };
    const comparison = compare(twice, thrice);
    expect([ids(comparison.added), comparison.statusChanged]).toEqual([['C'], []]);
  });

  it('does not take a job of one queue for a job of another', () => {
    const job = (queue: string): TraceEvent[] =>
      spanEvents('J', { subject: 'job', data: { entity: { system: 'bullmq', queue, id: '1' } } });
    const comparison = createTraceGraph(job('mail')).compare(createTraceGraph(job('pay')));
    expect([comparison.added.length, comparison.removed.length]).toEqual([1, 1]);
  });

  it('tells the largest change of time first', () => {
    const slow: Story = { R: { ...good.R, ms: 150 }, A: { ...good.A, ms: 8 }, B: good.B ?? {} };
    const { durationChanged, firstDivergence } = compare(good, slow);
    expect(durationChanged.map(({ after, deltaMs }) => [after.spanId, deltaMs])).toEqual([
      ['R', 50],
      ['A', -2],
    ]);
    expect(firstDivergence).toBeUndefined();
  });

  it('tells where a run of the loan saga that went well left the one that did not', () => {
    const story = loanSagaStory();
    const well = story
      .filter(({ data }) => data?.original_span_id === undefined && data?.error === undefined)
      .map(
        (event): TraceEvent =>
          event.event_type === 'job:retrying' ? { ...event, event_type: 'job:completed' } : event,
      );
    const { firstDivergence } = createTraceGraph(well).compare(createTraceGraph(story));
    expect(firstDivergence).toMatchObject({ kind: 'status', after: { state: 'retrying' } });
  });

  it('stays short and clean whatever is compared', () => {
    const star = Array.from({ length: 1000 }, (_, i) =>
      oneEvent(`S${i}`, '\u001b[2J\u202E:note', i, { parent: 'R' }),
    );
    const text = createTraceGraph([]).compare(createTraceGraph(star)).toText();
    expect(text.split('\n').length).toBeLessThan(12);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
