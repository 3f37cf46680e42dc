import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../events/trace-event.ts';
import { oneEvent, type SpanPlan, spanEvents } from './build-events.ts';
import type { FailureExplanation } from './failure-explanation.ts';
import { createTraceGraph } from './trace-graph.ts';

/** The story of several spans, by id. */
function events(plans: Readonly<Record<string, SpanPlan>>): TraceEvent[] {
  return Object.entries(plans).flatMap(([id, plan]) => spanEvents(id, plan));
}

function explain(plans: Readonly<Record<string, SpanPlan>>, ...more: TraceEvent[]): FailureExplanation {
  return createTraceGraph([...events(plans), ...more]).explainFailure();
}

const causes = ({ causes: list }: FailureExplanation): string[] => list.map(({ span }) => span.spanId);
const ruledOut = ({ ruledOut: list }: FailureExplanation): string[] =>
  list.map(({ span, reason, by }) => `${span.spanId} ${reason}${by === undefined ? '' : ` ${by.spanId}`}`);

const failed = { end: 'failed', error: 'boom' } as const;

describe('causes', () => {
  it('are the deepest failures; what failed above them is a consequence', () => {
    const why = explain({
      R: { ms: 100, ...failed },
      A: { parent: 'R', at: 1, ms: 90, ...failed },
      B: { parent: 'A', at: 2, ms: 80, ...failed },
    });
    expect(causes(why)).toEqual(['B']);
    expect(ruledOut(why)).toEqual(['A consequence B', 'R consequence B']);
  });

  it('are found under parents that completed before, as after a send', () => {
    const why = explain({
      R: { subject: 'request', ms: 5 },
      J: { parent: 'R', at: 50, job: '1', attempt: 1, ...failed },
    });
    expect([why.outcome, causes(why)]).toEqual(['failed', ['J']]);
  });

  it('are found in what an earlier start sent and was put off for, when the last start failed', () => {
    const why = explain({
      A: { job: '1', attempt: 1, ms: 10, end: 'suspended' },
      C: { parent: 'A', at: 20, ms: 5, job: '2', attempt: 1, ...failed },
      B: { job: '1', attempt: 2, at: 50, ms: 10, end: 'failed', error: 'the child failed' },
    });
    expect(causes(why)).toEqual(['C', 'B']);
  });

  it('are not found there when the last start completed', () => {
    const why = explain({
      A: { job: '1', attempt: 1, ms: 10, end: 'suspended' },
      C: { parent: 'A', at: 20, ms: 5, job: '2', attempt: 1, ...failed },
      B: { job: '1', attempt: 2, at: 50, ms: 10 },
    });
    expect([why.outcome, causes(why)]).toEqual(['success', []]);
  });

  it('are one when the same error shows in several places', () => {
    const why = explain({
      R: { ms: 100, end: 'failed', error: 'all jobs failed' },
      A: { parent: 'R', at: 1, job: '1', attempt: 1, ...failed },
      B: { parent: 'R', at: 2, job: '2', attempt: 1, ...failed },
    });
    expect(why.causes).toMatchObject([{ span: { spanId: 'A' }, spans: [{ spanId: 'A' }, { spanId: 'B' }] }]);
    expect(why.toText()).toContain('(the same in 1 more)');
  });

  it('see through wrappers to the innermost error', () => {
    const wrapped = {
      type: 'WrapperError',
      message: 'step failed',
      cause: { type: 'Error', message: 'boom' },
    };
    const why = explain(
      { A: { parent: 'R', at: 1, ...failed } },
      { ...oneEvent('B', 'call:failed', 5, { parent: 'R' }, { error: wrapped }), status: 'failed' },
    );
    expect(why.causes).toMatchObject([
      { span: { spanId: 'A' }, error: { message: 'boom' }, spans: [{}, {}] },
    ]);
  });

  it('rank the deepest first and ties in tree order', () => {
    const why = explain({
      R: { ms: 100, end: 'failed', error: 'r' },
      A: { parent: 'R', at: 30, end: 'failed', error: 'a' },
      B: { parent: 'R', at: 10, end: 'failed', error: 'b' },
      C: { parent: 'R', at: 40 },
      D: { parent: 'C', at: 41, ms: 50, end: 'failed', error: 'd', data: { step: true } },
    });
    expect(causes(why)).toEqual(['D', 'B', 'A']);
  });

  it('are not what failed only after the span around it had failed, as after a timeout', () => {
    const why = explain({
      R: { ms: 100, end: 'failed', error: 'timed out' },
      H: { parent: 'R', at: 1, ms: 400, end: 'failed', error: 'socket hang up' },
    });
    expect([causes(why), ruledOut(why)]).toEqual([['R', 'H'], []]);
    expect(why.causes.map(({ reasons }) => reasons)).toEqual([
      ['what failed below it failed later', 'the next failed too late to matter'],
      ['nothing below it failed', 'what it ran in had failed before it'],
    ]);
  });

  it('are named in time order only within one source, because clocks may differ', () => {
    const why = explain({
      R: { ms: 100, source: 'a', ...failed },
      H: { parent: 'R', at: 3_600_000, source: 'b', ...failed },
    });
    expect([causes(why), ruledOut(why)]).toEqual([['H'], ['R consequence H']]);
  });

  it('are not found in a batch for the one sender that it links to first', () => {
    const sender = (span_id: string) => ({ trace_id: 'T1', span_id, relation: 'batch' as const });
    const story = {
      S: { subject: 'request' },
      B: { trace: 'T2', at: 50, data: { links: [sender('S'), sender('elsewhere')] }, ...failed },
    };
    const why = createTraceGraph(events(story), { traceId: 'T1' }).explainFailure();
    expect([why.outcome, causes(why)]).toEqual(['success', []]);
  });

  it('follow links into other traces', () => {
    const link = { links: [{ trace_id: 'T1', span_id: 'S', relation: 'produced_by' as const }] };
    const why = createTraceGraph(
      events({
        S: {},
        J: { trace: 'T2', at: 50, job: '1', attempt: 1, data: link, ...failed },
      }),
      { traceId: 'T1' },
    ).explainFailure();
    expect(why.outcome).toBe('failed');
    expect(why.chain.map(({ spanId }) => spanId)).toEqual(['S', 'J']);
  });

  it('are not looked for in traces that only stand beside the one asked for', () => {
    const link = { links: [{ trace_id: 'T1', span_id: 'S', relation: 'produced_by' as const }] };
    const story = events({
      S: {},
      J: { trace: 'T2', at: 50, data: link, ...failed },
      K: { trace: 'T3', at: 60, data: link },
    });
    expect(createTraceGraph(story, { traceId: 'T3' }).explainFailure().outcome).toBe('success');
  });

  it('explain the parent of a flow by the child it waits for', () => {
    const waits = { links: [{ trace_id: 'T1', span_id: 'child', relation: 'waits_for' as const }] };
    const why = explain({
      child: { job: '2', attempt: 1, end: 'failed', error: 'no stock' },
      parent: { job: '1', attempt: 1, at: 20, end: 'failed', error: 'child failed', data: waits },
    });
    expect([causes(why), ruledOut(why)]).toEqual([['child'], ['parent consequence child']]);
  });

  it('explain the parent of a flow by the child that its send waits for', () => {
    const waits = { links: [{ trace_id: 'T1', span_id: 'sendChild', relation: 'waits_for' as const }] };
    const why = explain(
      {
        child: { parent: 'sendChild', at: 5, job: '2', attempt: 1, end: 'failed', error: 'no stock' },
        parent: { parent: 'sendParent', at: 20, job: '1', attempt: 1, end: 'failed', error: 'child failed' },
      },
      oneEvent('sendParent', 'job:queued', 0, {}, waits),
      oneEvent('sendChild', 'job:queued', 1, { parent: 'sendParent' }),
    );
    expect([causes(why), ruledOut(why)]).toEqual([['child'], ['parent consequence child']]);
  });

  it('survive two that wait for each other', () => {
    const waits = (span_id: string) => ({
      links: [{ trace_id: 'T1', span_id, relation: 'waits_for' as const }],
    });
    const why = explain({
      A: { end: 'failed', error: 'a', data: waits('B') },
      B: { end: 'failed', error: 'b', data: waits('A') },
    });
    expect(causes(why)).toHaveLength(1);
  });

  it('name the job around the failed call', () => {
    const why = explain({
      J: { job: '1', attempt: 1, ms: 50, ...failed },
      C: { parent: 'J', at: 5, subject: 'http', ...failed },
    });
    expect(why.causes[0]).toMatchObject({ job: { spanId: 'J' }, work: { failures: 1 } });
    expect(why.toText()).toContain(
      'job send (bullmq mail/1) failed at start 1, failure 1 of 3, in http with Error: boom.',
    );
  });

  it('count starts and failures apart', () => {
    const why = explain({
      A: { job: '1', attempt: 1, end: 'suspended' },
      B: { job: '1', attempt: 2, at: 20, end: undefined },
      C: { job: '1', attempt: 3, at: 40, end: 'suspended' },
      D: { job: '1', attempt: 4, at: 60, ...failed },
    });
    expect(why.toText()).toContain('failed at start 4, failure 1 of 3, with Error: boom.');
  });
});

describe('the reasons of a cause', () => {
  it('say that nothing deeper failed, what followed from it, and what became of its job', () => {
    const why = explain({
      R: { ms: 100, ...failed },
      A: { parent: 'R', at: 1, ms: 90, ...failed },
      J: { parent: 'A', at: 2, job: '1', attempt: 1, end: 'failed', error: 'no funds' },
    });
    expect(why.causes[0]?.reasons).toEqual([
      'nothing below it failed',
      '2 failures above it followed from it',
      'its job was not tried again',
    ]);
  });

  it('say why it is named before the next one', () => {
    const why = explain({
      R: { ms: 100, end: 'failed', error: 'r' },
      A: { parent: 'R', at: 30, end: 'failed', error: 'a' },
      B: { parent: 'R', at: 10, end: 'failed', error: 'b' },
      C: { parent: 'R', at: 40, data: { step: true } },
      D: { parent: 'C', at: 41, ms: 50, end: 'failed', error: 'd', data: { step: true } },
    });
    expect(why.causes.map(({ reasons }) => reasons.at(-1))).toEqual([
      'it lies deeper than the next',
      'it lies as deep as the next, and before it in the tree',
      'nothing below it failed',
    ]);
  });

  it('say that all attempts were used up', () => {
    const why = explain({
      A: { job: '1', attempt: 1, end: 'retrying', error: 'x' },
      B: { job: '1', attempt: 2, at: 20, end: 'retrying', error: 'x' },
      C: { job: '1', attempt: 3, at: 40, end: 'failed', error: 'x' },
    });
    expect(why.causes[0]?.reasons).toContain('all 3 attempts at its job were used up');
  });
});

describe('what is no cause', () => {
  it('a retry that recovered, and everything that failed inside it', () => {
    const why = explain({
      A: { job: '1', attempt: 1, end: 'retrying', error: 'timeout' },
      X: { parent: 'A', at: 1, ms: 5, end: 'failed', error: 'socket closed' },
      B: { job: '1', attempt: 2, at: 20 },
    });
    expect(why.outcome).toBe('success');
    expect(ruledOut(why).sort()).toEqual(['A recovered B', 'X recovered B']);
    expect(why.recovered).toMatchObject([{ by: { spanId: 'B' }, failures: [{ spanId: 'A' }] }]);
    expect(why.toText()).toBe(
      'Trace T1 succeeded. Recovered: job send (bullmq mail/1) completed at start 2 after Error: timeout.',
    );
  });

  it('an earlier attempt when the last one failed', () => {
    const why = explain({
      A: { job: '1', attempt: 1, end: 'retrying', error: 'boom' },
      B: { job: '1', attempt: 2, at: 20, ...failed },
    });
    expect([causes(why), ruledOut(why)]).toEqual([['B'], ['A earlier_attempt B']]);
  });

  it('a failed attempt that another is to follow', () => {
    const why = explain({ A: { job: '1', attempt: 1, end: 'retrying', error: 'boom' } });
    expect([why.outcome, ruledOut(why)]).toEqual(['open', ['A retry_pending']]);
    expect(why.open).toMatchObject([{ spanId: 'A' }]);
  });

  it('a failure inside a compensation', () => {
    const why = explain({
      R: { ms: 100 },
      F: { parent: 'R', subject: 'stage:pay', at: 1, ...failed },
      U: { parent: 'R', at: 20, ms: 20, data: { original_span_id: 'S' }, end: 'failed', error: 'undo' },
      V: { parent: 'U', at: 21, ms: 5, end: 'failed', error: 'undo' },
    });
    expect([causes(why), ruledOut(why).sort()]).toEqual([['F'], ['U compensation', 'V compensation']]);
  });

  it('unless the compensation is all that failed', () => {
    const why = explain({ R: { ms: 100 }, U: { parent: 'R', data: { original_span_id: 'S' }, ...failed } });
    expect([why.outcome, causes(why), ruledOut(why)]).toEqual(['failed', ['U'], []]);
  });

  it('no step and no job inside a call whose failure was handled: they answer for themselves', () => {
    const why = explain({
      R: { ms: 500 },
      S: { parent: 'R', subject: 'saga', at: 1, ms: 100, ...failed },
      P: { parent: 'S', subject: 'stage:pay', at: 5, ...failed },
      C: { parent: 'R', at: 200, ms: 50, ...failed },
      J: { parent: 'C', at: 205, job: '1', attempt: 1, end: 'failed', error: 'full' },
    });
    expect([why.outcome, causes(why), ruledOut(why)]).toEqual([
      'failed',
      ['P', 'J'],
      ['S handled R', 'C handled R'],
    ]);
  });

  it('a call whose failure the code around it handled', () => {
    const why = explain({ R: { ms: 100 }, C: { parent: 'R', at: 5, ...failed } });
    expect([why.outcome, ruledOut(why)]).toEqual(['success', ['C handled R']]);
  });

  it('but a call that failed after the code around it had completed counts', () => {
    const why = explain({ R: { ms: 5 }, C: { parent: 'R', at: 3, ms: 50, ...failed } });
    expect(causes(why)).toEqual(['C']);
  });

  it('a step that failed and was done again beside it', () => {
    const why = explain({
      R: { ms: 100 },
      A: { parent: 'R', subject: 'stage:credit', ...failed },
      B: { parent: 'R', subject: 'stage:credit', at: 30 },
    });
    expect([why.outcome, ruledOut(why)]).toEqual(['success', ['A recovered B']]);
  });

  it('work that was tried again by link', () => {
    const retry = { links: [{ trace_id: 'T1', span_id: 'A', relation: 'retry_of' as const }] };
    const why = explain({ A: failed, B: { at: 20, data: retry } });
    expect([why.outcome, ruledOut(why)]).toEqual(['success', ['A recovered B']]);
  });
});

describe('the outcome', () => {
  it('is failed when a step failed, although the root completed', () => {
    const why = explain({ R: { ms: 100 }, A: { parent: 'R', at: 1, subject: 'stage:pay', ...failed } });
    expect(why.outcome).toBe('failed');
  });

  it('is interrupted when an attempt stalled and nobody took it up', () => {
    const why = explain(
      { A: { job: '1', attempt: 1, end: undefined } },
      oneEvent(
        'X',
        'job:stalled',
        50,
        {},
        {
          entity: { system: 'bullmq', queue: 'mail', id: '1' },
        },
      ),
    );
    expect(why.outcome).toBe('interrupted');
    expect(why.interrupted).toMatchObject([{ span: { spanId: 'A' }, reason: 'stalled', by: undefined }]);
  });

  it('is success when a newer attempt took up what was lost', () => {
    const why = explain({
      A: { job: '1', attempt: 1, end: undefined },
      B: { job: '1', attempt: 2, at: 50 },
    });
    expect(why.outcome).toBe('success');
    expect(why.interrupted).toMatchObject([
      { span: { spanId: 'A' }, reason: 'newer_attempt', by: { spanId: 'B' }, inside: [] },
    ]);
  });

  it('is open while work is in flight, canceled when a root was canceled', () => {
    expect(explain({ A: { end: undefined } }).outcome).toBe('open');
    expect(explain({ A: { end: 'canceled' } }).outcome).toBe('canceled');
  });
});

describe('confidence', () => {
  it('falls with every reason to doubt', () => {
    const gap = oneEvent('G', 'throughline:gap', 3, { parent: 'A' });
    expect(explain({ A: { end: 'failed' } }).confidence).toEqual({
      level: 'medium',
      reasons: ['no error was recorded'],
    });
    expect(explain({ A: { end: 'failed' } }, gap).confidence.level).toBe('low');
  });

  it('is told in the text unless it is high', () => {
    expect(explain({ A: { end: 'failed' } }).toText()).toContain(
      'Confidence is medium: no error was recorded.',
    );
  });
});

describe('text', () => {
  it('carries neither control nor bidi characters of names and errors', () => {
    const why = explain({
      A: { subject: 'job\u001b[31m', end: 'failed', error: 'line\r\n\u202Eevil\u0007' },
    });
    expect(why.toText()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('stays a paragraph when a thousand jobs fail in a thousand ways', () => {
    const plans = Array.from({ length: 1000 }, (_, i) => [
      `S${i}`,
      { end: 'failed', error: `e${i}` } as const,
    ]);
    expect(explain(Object.fromEntries(plans)).toText().length).toBeLessThan(1000);
  });
});

describe('an attempt that was lost with its process', () => {
  const killed = [
    ...spanEvents('A', { job: '1', attempt: 1, end: undefined, source: 'p1' }),
    ...spanEvents('C', { parent: 'A', subject: 'http', at: 3, end: undefined, source: 'p1' }),
  ];

  it('takes along what ran inside it, and is told with the place where it was lost', () => {
    const graph = createTraceGraph([
      ...killed,
      ...spanEvents('B', { at: 60, job: '1', attempt: 2, source: 'p2' }),
    ]);
    const why = graph.explainFailure();
    expect([why.outcome, why.open, graph.openSpans(), graph.span('C')?.state]).toEqual([
      'success',
      [],
      [],
      'interrupted',
    ]);
    expect(why.interrupted).toMatchObject([
      { span: { spanId: 'A' }, by: { spanId: 'B' }, inside: [{ spanId: 'C' }] },
    ]);
    expect(why.toText()).toBe(
      'Trace T1 succeeded. Recovered: job send (bullmq mail/1) completed at start 2 after a lost start. ' +
        'Interrupted: job send (bullmq mail/1), start 1, lost in http, taken up by start 2 in another process.',
    );
  });

  it('leaves alive what another process answers, and what it had sent', () => {
    const entity = { system: 'bullmq', queue: 'mail', name: 'send', id: '9' };
    const graph = createTraceGraph([
      ...killed,
      ...spanEvents('S', { parent: 'C', subject: 'handler', at: 4, end: undefined, source: 'p3' }),
      oneEvent('Q', 'job:queued', 2, { parent: 'A', source: 'p1' }, { entity }),
      ...spanEvents('J', { parent: 'Q', job: '9', attempt: 1, at: 5, end: undefined, source: 'p1' }),
      ...spanEvents('B', { at: 60, job: '1', attempt: 2, source: 'p2' }),
    ]);
    expect(graph.openSpans().map(({ span }) => span.spanId)).toEqual(['S', 'J']);
  });

  it('is not alive because it is open somewhere inside', () => {
    const stalled = oneEvent('A', 'job:stalled', 50, { source: 'p2' });
    expect(createTraceGraph([...killed, stalled]).explainFailure()).toMatchObject({
      outcome: 'interrupted',
      interrupted: [{ span: { spanId: 'A' }, reason: 'stalled', inside: [{ spanId: 'C' }] }],
    });
  });
});

describe('a reported stall', () => {
  const entity = { system: 'bullmq', queue: 'mail', name: 'send', id: '1' };
  const lost = spanEvents('A', { job: '1', attempt: 1, end: undefined });
  const report = oneEvent('Z', 'job:stalled', 50, {}, { entity });

  it('is made up for by the attempt that completed', () => {
    const why = createTraceGraph([
      ...lost,
      report,
      ...spanEvents('B', { job: '1', attempt: 2, at: 60 }),
    ]).explainFailure();
    expect(why.outcome).toBe('success');
    expect(why.toText()).toContain('completed at start 2 after a lost start.');
  });

  it('is not told beside the attempt that it is about', () => {
    const { interrupted } = createTraceGraph([...lost, report]).explainFailure();
    expect(interrupted.map(({ span }) => span.spanId)).toEqual(['A']);
  });
});

it('does not count failures when earlier starts are missing', () => {
  const text = explain({ A: { job: '1', attempt: 3, end: 'failed', error: 'x' } }).toText();
  expect(text).toContain('failed at start 3, with Error: x.');
});

describe('an undoing', () => {
  const saga = [
    ...spanEvents('R', { subject: 'saga', ms: 100, end: 'failed', error: 'no funds' }),
    ...spanEvents('C', { parent: 'R', subject: 'stage:credit', at: 1 }),
    ...spanEvents('F', { parent: 'R', subject: 'stage:pay', at: 20, end: 'failed', error: 'no funds' }),
    ...spanEvents('U', { parent: 'R', at: 40, data: { original_span_id: 'C' } }),
  ];
  const links = [{ trace_id: 'T1', span_id: 'U' }];

  it('is no cause when a job that it sent into a trace of its own failed', () => {
    const events = [
      ...saga,
      ...spanEvents('J', {
        trace: 'T2',
        job: '1',
        at: 45,
        end: 'failed',
        error: 'no undoing',
        data: { links },
      }),
    ];
    const { causes, ruledOut } = createTraceGraph(events, { traceId: 'T1' }).explainFailure();
    expect(causes.map(({ span }) => span.spanId)).toEqual(['F']);
    expect(ruledOut).toContainEqual(expect.objectContaining({ reason: 'compensation' }));
  });

  it('is the cause when its own trace is asked for', () => {
    const events = [
      ...saga,
      ...spanEvents('J', {
        trace: 'T2',
        job: '1',
        at: 45,
        end: 'failed',
        error: 'no undoing',
        data: { links },
      }),
    ];
    const { causes } = createTraceGraph(events, { traceId: 'T2' }).explainFailure();
    expect(causes.map(({ span }) => span.spanId)).toEqual(['J']);
  });

  it('is open while the job that does it is to be started again', () => {
    const job = spanEvents('J', {
      parent: 'U',
      job: '1',
      attempt: 1,
      at: 45,
      end: 'retrying',
      error: 'busy',
    });
    const { open } = createTraceGraph([...saga, ...job]).explainFailure();
    expect(open.map(({ spanId }) => spanId)).toEqual(['J']);
  });
});

it('does not carry a recovery across a link: a linked trace answers for itself', () => {
  const events = [
    ...spanEvents('A', { job: '1', attempt: 1, end: 'retrying', error: 'busy' }),
    ...spanEvents('B', { job: '1', attempt: 2, at: 20 }),
    ...spanEvents('J', {
      trace: 'T2',
      job: '2',
      at: 5,
      end: 'failed',
      error: 'no mail',
      data: { links: [{ trace_id: 'T1', span_id: 'A' }] },
    }),
  ];
  const { causes } = createTraceGraph(events, { traceId: 'T2' }).explainFailure();
  expect(causes.map(({ span }) => span.spanId)).toEqual(['J']);
});

describe('the text about the undoing', () => {
  const undone = (id: string, at: number, original: string): Record<string, SpanPlan> => ({
    [id]: { parent: 'R', subject: `undo:${original}`, at, data: { original_span_id: original } },
  });
  const saga: Record<string, SpanPlan> = {
    R: { ms: 1000, ...failed },
    A: { parent: 'R', subject: 'stage:flight', at: 10 },
    B: { parent: 'R', subject: 'stage:car', at: 30 },
    C: { parent: 'R', subject: 'stage:hotel', at: 50, ...failed },
  };

  it('says with what it failed', () => {
    const undo = { ...undone('U', 100, 'B').U, end: 'failed', error: 'no such booking' } as const;
    expect(explain({ ...saga, U: undo }).toText()).toContain(
      'Undoing failed: stage:car by undo:B with Error: no such booking.',
    );
  });

  it('says what was undone out of order', () => {
    const why = explain({ ...saga, ...undone('UA', 100, 'A'), ...undone('UB', 120, 'B') });
    expect(why.toText()).toContain('Undone: stage:flight by undo:A, out of order; stage:car by undo:B.');
  });
});

describe('the text about work that is to be tried again', () => {
  it('says with what the last start failed', () => {
    const why = explain({ J: { job: '1', attempt: 1, end: 'retrying', error: 'busy' } });
    expect(why.toText()).toContain(
      'Still open: job send (bullmq mail/1), start 1, failure 1 of 3, with Error: busy.',
    );
  });
});
