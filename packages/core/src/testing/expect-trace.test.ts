import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../events/trace-event.ts';
import { oneEvent, spanEvents } from '../trace-graph/build-events.ts';
import { createTraceGraph } from '../trace-graph/trace-graph.ts';
import { expectTrace, type TraceExpectations } from './expect-trace.ts';
import { loanSagaFixture } from './loan-saga-fixture.ts';
import { loanSagaStory } from './loan-saga-story.ts';
import { TraceAssertionError } from './trace-assertion-error.ts';

const calm: TraceEvent[] = spanEvents('A');
const open: TraceEvent[] = spanEvents('A', { end: undefined });

/** Each expectation with a trace that holds it and one that does not. */
const cases: readonly [string, (trace: TraceExpectations) => unknown, TraceEvent[], readonly TraceEvent[]][] =
  [
    ['toHaveSucceeded', (trace) => trace.toHaveSucceeded(), calm, loanSagaStory()],
    ['toHaveFailed', (trace) => trace.toHaveFailed(), loanSagaStory(), calm],
    [
      'toHaveFailed by text',
      (trace) => trace.toHaveFailed('Insufficient'),
      loanSagaStory(),
      spanEvents('A', { end: 'failed', error: 'other' }),
    ],
    [
      'toHaveFailed by pattern',
      (trace) => trace.toHaveFailed(/^Insufficient funds$/g),
      loanSagaStory(),
      calm,
    ],
    [
      'toHaveFailed by type',
      (trace) => trace.toHaveFailed({ type: 'InsufficientFunds' }),
      loanSagaStory(),
      spanEvents('A', { end: 'failed' }),
    ],
    [
      'toHaveFailed by job',
      (trace) => trace.toHaveFailed({ in: 'transfer' }),
      loanSagaStory(),
      loanSagaFixture,
    ],
    ['toHaveRetried', (trace) => trace.toHaveRetried(1), loanSagaStory(), calm],
    [
      'toHaveRetried of one job',
      (trace) => trace.toHaveRetried(1, { queue: 'mail', id: '7' }),
      [
        ...spanEvents('A', { job: '7', attempt: 1, end: 'retrying' }),
        ...spanEvents('B', { job: '7', attempt: 2, at: 20 }),
      ],
      spanEvents('A', { job: '7', attempt: 1 }),
    ],
    [
      'toCompensate',
      (trace) => trace.toCompensate('credit'),
      loanSagaStory(),
      spanEvents('A', { subject: 'stage:credit' }),
    ],
    ['toHaveNoOpenWork', (trace) => trace.toHaveNoOpenWork(), calm, open],
    ['toContainSpan', (trace) => trace.toContainSpan('ai:decision'), loanSagaStory(), calm],
    [
      'toContainSpan by attributes',
      (trace) =>
        trace.toContainSpan('process credit', { attributes: { 'throughline.backoff.duration': 0.1 } }),
      loanSagaStory(),
      calm,
    ],
    [
      'toContainSpan by count',
      (trace) => trace.toContainSpan('process credit', { times: 2 }),
      loanSagaStory(),
      calm,
    ],
    [
      'toContainSpan by state',
      (trace) => trace.toContainSpan('stage:credit', { state: 'completed' }),
      loanSagaStory(),
      calm,
    ],
    ['toHaveOneRoot', (trace) => trace.toHaveOneRoot(), loanSagaStory(), spanEvents('A', { parent: 'B' })],
    ['toBeOneTrace', (trace) => trace.toBeOneTrace(), calm, [...calm, ...spanEvents('A', { trace: 'T2' })]],
  ];

describe.each(cases)('%s', (_name, expectation, holding, breaking) => {
  it('passes where it holds', () => {
    expect(() => expectation(expectTrace(holding))).not.toThrow();
  });

  it('throws where it does not hold', () => {
    expect(() => expectation(expectTrace(breaking))).toThrow(TraceAssertionError);
  });

  it('throws where it holds, when negated', () => {
    expect(() => expectation(expectTrace(holding).not)).toThrow(/^Expected the trace not to/);
  });

  it('passes where it does not hold, when negated', () => {
    expect(() => expectation(expectTrace(breaking).not)).not.toThrow();
  });
});

describe('expectTrace', () => {
  it('shows the explanation and the tree when an expectation does not hold', () => {
    expect(() => expectTrace(loanSagaStory()).toHaveSucceeded()).toThrow(
      /Expected the trace to have succeeded\.\n\nTrace 4bf92f.* failed: job transfer.*\n\ntrace 4bf92f.*\n→ send job apply/,
    );
  });

  it('chains, and is positive again after a negated expectation', () => {
    expect(() =>
      expectTrace(loanSagaStory()).not.toHaveSucceeded().toHaveFailed().toCompensate('credit'),
    ).not.toThrow();
  });

  it('takes what collectTrace brings, and graphs', () => {
    expectTrace({ events: calm, traceIds: ['T1'], cutOffs: [] }).toHaveSucceeded();
    expectTrace(createTraceGraph(calm)).toHaveSucceeded();
  });

  it('holds nothing about a trace without events, negated or not', () => {
    expect(() => expectTrace([]).toHaveSucceeded()).toThrow(/flush the writer/);
    expect(() => expectTrace([]).not.toHaveFailed()).toThrow(/flush the writer/);
  });

  it('counts retries, not attempts: work that was only put aside was not retried', () => {
    const events = [
      ...spanEvents('A', { job: '7', attempt: 1, end: 'suspended' }),
      ...spanEvents('B', { job: '7', attempt: 2, at: 20 }),
    ];
    expectTrace(events).toHaveRetried(0);
  });

  it('holds nothing about a step or a job that is not there, negated or not', () => {
    const story = (): TraceExpectations => expectTrace(loanSagaStory());
    expect(() => story().not.toCompensate('credti')).toThrow(/^Expected the trace to have a step credti\./);
    expect(() => story().toHaveRetried(0, '99')).toThrow(/^Expected the trace to have the work "99"\./);
    expect(() => story().not.toHaveRetried(1, { id: '99' })).toThrow('to have the work {"id":"99"}');
  });

  it('holds that a step which did not complete was not compensated', () => {
    expectTrace(loanSagaStory()).not.toCompensate('funding');
  });

  it('asks every row of a step that ran twice', () => {
    const twice = [
      ...spanEvents('R', { subject: 'saga', ms: 100, end: 'failed', error: 'no funds' }),
      ...spanEvents('C1', { parent: 'R', subject: 'stage:credit', at: 1 }),
      ...spanEvents('C2', { parent: 'R', subject: 'stage:credit', at: 20 }),
      ...spanEvents('U2', { parent: 'R', at: 40, data: { original_span_id: 'C2' } }),
    ];
    expect(() => expectTrace(twice).toCompensate('credit')).toThrow('which is: missing, compensated');
    const undone = spanEvents('U1', { parent: 'R', at: 60, data: { original_span_id: 'C1' } });
    expectTrace([...twice, ...undone]).toCompensate('credit');
  });

  it('takes no compensation for the span that it undoes', () => {
    expectTrace(loanSagaStory()).toContainSpan('credit', { times: 1 });
  });

  it('says what was wanted and what was found, in words', () => {
    expect(() => expectTrace(calm).toHaveRetried(1)).toThrow('to have retried 1 time; retried: 0.');
    expect(() => expectTrace(calm).toContainSpan('call', { times: 2, state: 'completed' })).toThrow(
      'to contain the span call 2 times with {"state":"completed"}; found: 1.',
    );
    expect(() => expectTrace(calm).not.toHaveNoOpenWork()).toThrow('not to have no open work; open: none.');
  });

  it('lets nothing through that moves a cursor, and stays readable when much is open', () => {
    const hostile = Array.from({ length: 50 }, (_, i) =>
      spanEvents(`S${i}`, { end: undefined, trace: `T\u001b[2J${i}`, data: { name: 'x\u001b[2J\n\u202Ey' } }),
    ).flat();
    for (const check of ['toHaveNoOpenWork', 'toHaveOneRoot', 'toBeOneTrace'] as const) {
      const first = firstLine(() => expectTrace(hostile)[check]());
      expect(first).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(first).toMatch(/and 40 more\.$/);
    }
  });
});

describe('a note of the writer', () => {
  it('is no second root', () => {
    const gap = oneEvent('G', 'throughline:gap', 5, {}, { dropped: 3 });
    expect(() => expectTrace([...calm, gap]).toHaveOneRoot()).not.toThrow();
  });
});

function firstLine(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    return String(error).split('\n\n')[0] ?? '';
  }
  return '';
}
