import { describe, expect, it } from 'vitest';
import { oneEvent, type SpanPlan, spanEvents } from './build-events.ts';
import { createTraceGraph } from './trace-graph.ts';

function ledger(plans: Readonly<Record<string, SpanPlan>>, ...more: ReturnType<typeof oneEvent>[]): string[] {
  const events = Object.entries(plans).flatMap(([id, plan]) => spanEvents(id, plan));
  const rows = createTraceGraph([...events, ...more]).compensations();
  return rows.map(({ step, status, isOutOfOrder }) => `${step.spanId} ${status}${isOutOfOrder ? ' !' : ''}`);
}

const credit: SpanPlan = { parent: 'R', subject: 'stage:credit', at: 1 };
const paymentFails: SpanPlan = { parent: 'R', subject: 'stage:pay', at: 20, end: 'failed', error: 'no' };
const undo: SpanPlan = { parent: 'R', at: 40, data: { original_span_id: 'C' } };
const running: SpanPlan = { ms: 100, end: undefined };
const ended: SpanPlan = { ms: 100 };

describe('the ledger', () => {
  it.each([
    ['not_needed when the saga did not fail', { R: ended, C: credit }, ['C not_needed']],
    [
      'not_needed when declared so',
      { R: ended, C: { ...credit, data: { compensation: 'none' } }, P: paymentFails },
      ['C not_needed'],
    ],
    [
      'compensated when the undoing succeeded',
      { R: ended, C: credit, P: paymentFails, U: undo },
      ['C compensated'],
    ],
    [
      'failed when the undoing failed',
      { R: ended, C: credit, P: paymentFails, U: { ...undo, end: 'failed' } },
      ['C failed'],
    ],
    [
      'skipped when the undoing was canceled',
      { R: ended, C: credit, P: paymentFails, U: { ...undo, end: 'canceled' } },
      ['C skipped'],
    ],
    [
      'pending while the undoing runs',
      { R: ended, C: credit, P: paymentFails, U: { ...undo, end: undefined } },
      ['C pending'],
    ],
    [
      'failed when the job that undoes it failed for good after a retry',
      {
        R: ended,
        C: credit,
        P: paymentFails,
        U: { ...undo, job: '7', attempt: 1, end: 'retrying' },
        V: { ...undo, at: 60, job: '7', attempt: 2, end: 'failed' },
      },
      ['C failed'],
    ],
    [
      'compensated when a later attempt at the undoing succeeded, although it does not say what it undoes',
      {
        R: ended,
        C: credit,
        P: paymentFails,
        U: { ...undo, job: '7', attempt: 1, end: 'retrying' },
        V: { parent: 'R', at: 60, job: '7', attempt: 2 },
      },
      ['C compensated'],
    ],
    ['pending while the saga runs', { R: running, C: credit, P: paymentFails }, ['C pending']],
    [
      'missing when the saga ended and nobody undid it',
      { R: ended, C: credit, P: paymentFails },
      ['C missing'],
    ],
  ] as [string, Record<string, SpanPlan>, string[]][])('says %s', (_name, plans, rows) => {
    expect(ledger(plans)).toEqual(rows);
  });

  it('has no row for a step that failed', () => {
    expect(ledger({ R: ended, P: paymentFails })).toEqual([]);
  });

  it('believes one success among several tries to undo', () => {
    const tries = { U: { ...undo, end: 'retrying' as const }, V: { ...undo, at: 60 } };
    expect(ledger({ R: ended, C: credit, P: paymentFails, ...tries })).toEqual(['C compensated']);
  });

  it('does not take an announcement for the deed', () => {
    const announced = oneEvent('U', 'saga:compensating', 40, { parent: 'R' }, { original_span_id: 'C' });
    expect(ledger({ R: running, C: credit, P: paymentFails }, announced)).toEqual(['C pending']);
    expect(ledger({ R: ended, C: credit, P: paymentFails }, announced)).toEqual(['C missing']);
  });

  it('counts for the step what undoes a job inside the step', () => {
    const job: SpanPlan = { parent: 'C', at: 2, ms: 3, job: '1', attempt: 1 };
    const plans = {
      R: ended,
      C: credit,
      J: job,
      P: paymentFails,
      U: { ...undo, data: { original_span_id: 'J' } },
    };
    expect(ledger(plans)).toEqual(['C compensated']);
  });

  it('has a row for an original that is no step, or that nobody knows', () => {
    expect(ledger({ R: ended, C: { parent: 'R' }, P: paymentFails, U: undo })).toEqual(['C compensated']);
    expect(ledger({ R: ended, P: paymentFails, U: undo })).toEqual(['C compensated']);
  });

  it('marks what was undone before a later step was', () => {
    const plans = {
      R: ended,
      A: { parent: 'R', subject: 'stage:a', at: 1 },
      B: { parent: 'R', subject: 'stage:b', at: 15 },
      P: { ...paymentFails, at: 30 },
      UA: { parent: 'R', at: 50, data: { original_span_id: 'A' } },
      UB: { parent: 'R', at: 70, data: { original_span_id: 'B' } },
    };
    expect(ledger(plans)).toEqual(['A compensated !', 'B compensated']);
  });

  it('knows no order between the steps of two sagas, nor between the clocks of two processes', () => {
    const plans = {
      R: ended,
      R1: { parent: 'R', subject: 'saga', ms: 100 },
      R2: { parent: 'R', subject: 'saga', ms: 100 },
      A: { parent: 'R1', subject: 'stage:a', at: 1 },
      B: { parent: 'R2', subject: 'stage:b', at: 15 },
      UA: { parent: 'R1', at: 50, data: { original_span_id: 'A' } },
      UB: { parent: 'R2', at: 70, data: { original_span_id: 'B' } },
    };
    expect(ledger(plans)).toEqual(['A compensated', 'B compensated']);
    const elsewhere = { ...plans, B: { ...plans.B, parent: 'R1', source: 'p2' } };
    expect(ledger(elsewhere)).toEqual(['A compensated', 'B compensated']);
    expect(ledger({ ...plans, B: { ...plans.B, parent: 'R1' } })).toEqual([
      'A compensated !',
      'B compensated',
    ]);
  });

  it('names the saga of each step', () => {
    const rows = createTraceGraph(
      Object.entries({ R: ended, C: credit }).flatMap(([id, plan]) => spanEvents(id, plan)),
    ).compensations();
    expect(rows).toMatchObject([{ saga: { spanId: 'R' }, step: { spanId: 'C' } }]);
  });

  it('asks for nothing when something beside the saga failed after it completed', () => {
    const mail: SpanPlan = {
      parent: 'R',
      job: '1',
      attempt: 1,
      at: 300,
      end: 'failed',
      error: 'mailbox full',
    };
    expect(ledger({ R: ended, C: credit, M: mail })).toEqual(['C not_needed']);
  });

  it('asks for what earlier attempts of the saga left behind when its last attempt failed', () => {
    const plans = {
      R1: { job: '1', attempt: 1, end: 'retrying' as const, error: 'no' },
      C1: { ...credit, parent: 'R1' },
      R2: { job: '1', attempt: 2, at: 50, end: 'failed' as const, error: 'no' },
      C2: { ...credit, parent: 'R2', at: 51 },
    };
    expect(ledger(plans)).toEqual(['C1 missing', 'C2 missing']);
  });

  it('asks for the steps of a saga whose failure the code around it handled', () => {
    const plans = {
      H: { ms: 500 },
      R: { parent: 'H', at: 1, ms: 100, end: 'failed' as const, error: 'no' },
      C: credit,
    };
    expect(ledger(plans)).toEqual(['C missing']);
  });

  it('leaves open what becomes of the steps of a saga whose worker was lost', () => {
    const lost = { job: '1', attempt: 1, end: 'stalled' as const };
    expect(ledger({ R: lost, C: credit })).toEqual(['C pending']);
  });

  it('asks for nothing of an earlier attempt when a later one completed', () => {
    const plans = {
      R1: { job: '1', attempt: 1, end: 'retrying' as const, error: 'no' },
      C1: { ...credit, parent: 'R1' },
      R2: { job: '1', attempt: 2, at: 50 },
    };
    expect(ledger(plans)).toEqual(['C1 not_needed']);
  });
});
