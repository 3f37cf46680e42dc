import { describe, expect, it } from 'vitest';
import { toOtlp } from '../otlp/to-otlp.ts';
import { loanSagaSpanId, loanSagaStory } from '../testing/loan-saga-story.ts';
import { oneEvent, spanEvents } from './build-events.ts';
import { createTraceGraph } from './trace-graph.ts';

const names = (spans: readonly { name: string }[]): string[] => spans.map(({ name }) => name);

describe('the loan saga as event telemetry stores it', () => {
  const graph = createTraceGraph(loanSagaStory());

  it('names the funding job, what recovered and what was undone', () => {
    expect(graph.explainFailure().toText()).toBe(
      'Trace 4bf92f3577b34da6a3ce929d0e0e4736 failed: job transfer (bullmq funding/1) failed at start 1, failure 1 of 1, ' +
        'with InsufficientFundsError: Insufficient funds. ' +
        'Chain: job apply (bullmq loan/1) → stage:funding → job transfer (bullmq funding/1). ' +
        'Recovered: job score (bullmq credit/1) completed at start 2 after BureauTimeoutError: ' +
        'The credit bureau did not answer within 2 s. ' +
        'Undone: stage:credit by compensate:credit (compensate credit). Nothing to undo: stage:validate.',
    );
  });

  it('keeps one row per step', () => {
    const rows = graph.compensations().map(({ step, status, by }) => [step.subject, status, names(by)]);
    expect(rows).toEqual([
      ['stage:validate', 'not_needed', []],
      ['stage:credit', 'compensated', ['compensate credit']],
    ]);
  });

  it('draws the tree with waits, runs and grouped attempts', () => {
    expect(graph.toText()).toBe(
      [
        'trace 4bf92f3577b34da6a3ce929d0e0e4736  failed · 14 spans · 181 ms',
        '→ send job apply (bullmq loan/1)',
        '└─ ✓ job apply (bullmq loan/1)  start 1 · wait 3 ms · run 177 ms',
        '   ├─ ✓ stage:validate  7 ms',
        '   │  └─ → send job check (bullmq validate/1)',
        '   │     └─ ✓ job check (bullmq validate/1)  start 1 · wait 3 ms · run 3 ms',
        '   ├─ ✓ stage:credit  141 ms',
        '   │  └─ → send job score (bullmq credit/1)',
        '   │     └─ ✓ job score (bullmq credit/1)  2 starts, completed',
        '   │        ├─ ↻ start 1, failure 1 of 3  wait 3 ms · run 20 ms  BureauTimeoutError: The credit bureau did not answer within 2 s',
        '   │        └─ ✓ start 2  backoff 100 ms · run 12 ms',
        '   │           └─ • ai:decision  decision=approve · confidence=0.87 · reasoning=Income covers 3.1 times the rate',
        '   ├─ ✗ stage:funding  18 ms  InsufficientFundsError: Insufficient funds',
        '   │  └─ → send job transfer (bullmq funding/1)',
        '   │     └─ ✗ job transfer (bullmq funding/1)  start 1, failure 1 of 1 · wait 3 ms · run 12 ms  InsufficientFundsError: Insufficient funds',
        '   └─ ✓ compensate:credit (compensate credit)  6 ms',
      ].join('\n'),
    );
  });

  it('follows the chain from the root to the cause, sends included', () => {
    expect(names(graph.explainFailure().chain)).toEqual([
      'send loan',
      'process loan',
      'funding',
      'send funding',
      'process funding',
    ]);
  });

  it('groups attempts by entity, whatever is known of it', () => {
    expect(graph.attempts({ queue: 'credit', id: '1' })).toMatchObject({
      state: 'completed',
      failures: 1,
      maxAttempts: 3,
      attempts: [{ attempt: 1 }, { attempt: 2 }],
    });
    expect(graph.attempts('1')?.entity.queue).toBe('loan');
    expect(graph.attempts('2')).toBeUndefined();
  });

  it('lists the work that needed more than one start', () => {
    expect(graph.retries().map(({ entity }) => entity.queue)).toEqual(['credit']);
  });

  it('has nothing odd about it', () => {
    expect(graph.diagnostics()).toEqual([]);
    expect(graph.explainFailure().confidence).toEqual({ level: 'high', reasons: [] });
  });

  it('splits the time of an attempt into four numbers that sum to the whole', () => {
    expect(graph.timing(loanSagaSpanId('score 2'))).toEqual({
      delayMs: 0,
      waitMs: 0,
      backoffMs: 100,
      runMs: 12,
      totalMs: 112,
    });
  });
});

describe('createTraceGraph', () => {
  it('folds the events of a span into one, whatever their order', () => {
    const events = spanEvents('A', { at: 5, ms: 7 }).reverse();
    expect(createTraceGraph(events).roots()).toMatchObject([
      { spanId: 'A', state: 'completed', durationMs: 7 },
    ]);
  });

  it('keeps siblings of an unknown parent together under a missing span', () => {
    const events = [...spanEvents('B', { parent: 'X', at: 5 }), ...spanEvents('A', { parent: 'X' })];
    const graph = createTraceGraph(events);
    expect(graph.roots()).toMatchObject([{ spanId: 'X', form: 'missing', state: 'missing' }]);
    expect(graph.children('X').map(({ spanId }) => spanId)).toEqual(['A', 'B']);
    expect(graph.root()?.spanId).toBe('A');
    expect(graph.diagnostics()).toEqual([{ kind: 'orphan', traceId: 'T1', spanId: 'X', count: 2 }]);
  });

  it('begins with work rather than with a note of the writer', () => {
    const gap = oneEvent('G', 'throughline:gap', 0, {}, { dropped: 3 });
    expect(createTraceGraph([gap, ...spanEvents('A', { at: 5 })]).root()?.spanId).toBe('A');
  });

  it('cuts a cycle at the edge whose child starts latest', () => {
    const graph = createTraceGraph([
      ...spanEvents('A', { parent: 'C', at: 1 }),
      ...spanEvents('B', { parent: 'A', at: 2 }),
      ...spanEvents('C', { parent: 'B', at: 3 }),
    ]);
    expect(graph.path('B').map(({ spanId }) => spanId)).toEqual(['C', 'A', 'B']);
    expect(graph.diagnostics()).toContainEqual({ kind: 'cycle', traceId: 'T1', spanId: 'C', count: 1 });
  });

  it('makes a root of a span that is its own parent', () => {
    const graph = createTraceGraph(spanEvents('A', { parent: 'A' }));
    expect(graph.roots().map(({ spanId }) => spanId)).toEqual(['A']);
    expect(graph.diagnostics().map(({ kind }) => kind)).toEqual(['cycle']);
  });

  it('reads an event once, however often it arrives', () => {
    const events = spanEvents('A');
    const copies = JSON.parse(JSON.stringify(events)) as typeof events;
    const graph = createTraceGraph([...events, ...copies]);
    expect(graph.events).toHaveLength(2);
    expect(graph.diagnostics()).toEqual([{ kind: 'duplicate', traceId: 'T1', spanId: 'A', count: 2 }]);
  });

  it('keeps two different events that share an id', () => {
    const event = oneEvent('A', 'a:note', 0);
    const graph = createTraceGraph([
      { ...event, event_id: 'x', data: { text: 'one' } },
      { ...event, event_id: 'x', data: { text: 'two' } },
    ]);
    expect(graph.events).toHaveLength(2);
  });

  it('keeps an undated event', () => {
    const graph = createTraceGraph([{ ...oneEvent('A', 'a:note'), timestamp: 'yesterday' }]);
    expect(graph.events).toHaveLength(1);
    expect(graph.span('A')).toMatchObject({ startTime: undefined, durationMs: undefined });
    expect(graph.diagnostics().map(({ kind }) => kind)).toEqual(['undated']);
  });

  it('compares instants, not texts', () => {
    const at = (id: string, timestamp: string) => ({
      ...oneEvent(id, 'a:note', 0, { parent: 'R' }),
      timestamp,
    });
    const graph = createTraceGraph([
      at('later', '2026-01-31T12:00:01.100Z'),
      at('first', '2026-01-31T14:00:01+02:00'),
    ]);
    expect(graph.children('R').map(({ spanId }) => spanId)).toEqual(['first', 'later']);
  });

  it('counts what is no event', () => {
    const graph = createTraceGraph([null, 5, {}, { span_id: 'A' }] as never);
    expect(graph.diagnostics()).toEqual([{ kind: 'malformed', count: 4 }]);
    expect(graph.explainFailure().outcome).toBe('unknown');
  });

  it('believes the failure when one attempt both failed and completed', () => {
    const events = [...spanEvents('A'), ...spanEvents('A', { end: 'failed' }).slice(1)];
    const graph = createTraceGraph(events);
    expect(graph.span('A')?.state).toBe('failed');
    expect(graph.diagnostics().map(({ kind }) => kind)).toEqual(['conflicting_terminal']);
  });

  it('believes the latest attempt when one span holds several', () => {
    const events = [
      ...spanEvents('A', { end: 'failed', attempt: 1 }).map((event) => ({ ...event, data: { attempt: 1 } })),
      ...spanEvents('A', { at: 20, attempt: 2 }).map((event) => ({ ...event, data: { attempt: 2 } })),
    ];
    expect(createTraceGraph(events).span('A')?.state).toBe('completed');
  });

  it('never gives an open span an outcome', () => {
    const graph = createTraceGraph(spanEvents('A', { end: undefined }));
    expect(graph.span('A')).toMatchObject({ state: 'open', status: undefined, durationMs: undefined });
    expect(graph.openSpans({ now: Date.UTC(2026, 0, 31, 12, 0, 5) })).toMatchObject([{ ageMs: 5000 }]);
  });

  it('completes a send by its queued event, and fails it when the send failed', () => {
    const sent = oneEvent('A', 'job:queued');
    expect(createTraceGraph([sent]).span('A')).toMatchObject({ form: 'send', state: 'completed' });
    expect(createTraceGraph([{ ...sent, status: 'failed' }]).span('A')).toMatchObject({
      form: 'send',
      state: 'failed',
    });
  });

  it('tells spans of one id in two traces apart', () => {
    const graph = createTraceGraph([
      ...spanEvents('A', { trace: 'T2', at: 1 }),
      ...spanEvents('A', { trace: 'T1' }),
    ]);
    expect(graph.roots().map(({ traceId }) => traceId)).toEqual(['T1', 'T2']);
    expect(graph.span('A')?.traceId).toBe('T1');
    expect(createTraceGraph(graph.events, { traceId: 'T2' }).span('A')?.traceId).toBe('T2');
  });

  it('says where clocks disagree and changes no time', () => {
    const graph = createTraceGraph([
      ...spanEvents('A', { at: 100, ms: 50 }),
      ...spanEvents('B', { parent: 'A', at: 20, ms: -5 }),
    ]);
    expect(graph.diagnostics()).toEqual([
      { kind: 'skew', traceId: 'T1', spanId: 'B', count: 1, detail: 'goes back by 5 ms' },
    ]);
    expect(graph.span('B')?.durationMs).toBe(0);
  });

  it('writes itself as OTLP', () => {
    const graph = createTraceGraph(loanSagaStory());
    expect(graph.toOtlp()).toEqual(toOtlp(loanSagaStory()));
    const spans = graph
      .toOtlp()
      .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
    expect(spans).toHaveLength(14);
  });

  it('writes spans as JSON without going round in circles', () => {
    const graph = createTraceGraph(loanSagaStory());
    expect(JSON.parse(JSON.stringify(graph.explainFailure()))).toMatchObject({
      outcome: 'failed',
      causes: [{ span: { name: 'process funding' }, error: { message: 'Insufficient funds' } }],
    });
  });
});
