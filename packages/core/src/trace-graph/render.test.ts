import { describe, expect, it } from 'vitest';
import { loanSagaFixture } from '../testing/loan-saga-fixture.ts';
import { oneEvent, spanEvents } from './build-events.ts';
import { createTraceGraph } from './trace-graph.ts';

describe('toText', () => {
  it('marks what is open, done, failed and only a moment', () => {
    expect(createTraceGraph(loanSagaFixture).toText()).toBe(
      [
        'trace T1  failed · 5 spans · 60 ms',
        '… workflow',
        '├─ ✓ stage:validate  30 ms',
        '│  └─ ✓ job  10 ms',
        '├─ ✗ stage:funding  InsufficientFundsError: Insufficient funds',
        '└─ • saga:compensating',
      ].join('\n'),
    );
  });

  it('labels the place of a missing parent', () => {
    expect(createTraceGraph(spanEvents('A', { parent: 'X' })).toText()).toContain(
      '? missing span X\n└─ ✓ call  10 ms',
    );
  });

  it('gives the age of what is open when it knows the time', () => {
    const graph = createTraceGraph(spanEvents('A', { end: undefined }));
    expect(graph.toText({ now: Date.UTC(2026, 0, 31, 12, 1, 5) })).toContain('… call  1 min 5 s');
  });

  it('hands pieces to the colours of the application', () => {
    const colors = { failed: (text: string) => `<${text}>`, success: undefined };
    expect(createTraceGraph(loanSagaFixture).toText({ colors })).toContain(
      '<✗> stage:funding  <InsufficientFundsError: Insufficient funds>',
    );
  });

  it('lets nothing through that moves a cursor or turns the writing direction', () => {
    const hostile = oneEvent(
      '\u202Ex',
      'a\u001b[2J:b',
      0,
      {},
      { name: '\u0000\u2066name', entity: { system: '\r', id: '\n' } },
    );
    const text = createTraceGraph([hostile]).toText();
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text.split('\n')).toHaveLength(2);
  });

  it('cuts names that are too long to read', () => {
    const text = createTraceGraph(spanEvents('A', { subject: 'x'.repeat(10_000_000) })).toText();
    expect(text.length).toBeLessThan(500);
  });

  it('counts the lines it does not print', () => {
    const events = Array.from({ length: 50 }, (_, i) => oneEvent(`S${i}`, 'a:note', i, { parent: 'R' }));
    const lines = createTraceGraph([oneEvent('R', 'a:started'), ...events])
      .toText({ maxLines: 11 })
      .split('\n');
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)).toBe('… 41 more spans');
  });

  it('draws every attempt once, grouped, also when other spans stand between', () => {
    const text = createTraceGraph([
      ...spanEvents('A', { parent: 'R', job: '1', attempt: 1, end: 'retrying', error: 'x' }),
      ...spanEvents('M', { parent: 'R', at: 15 }),
      ...spanEvents('B', { parent: 'R', at: 30, job: '1', attempt: 2 }),
    ]).toText();
    expect(text).toContain(
      [
        '├─ ✓ job send (bullmq mail/1)  2 starts, completed',
        '│  ├─ ↻ start 1, failure 1 of 3  10 ms  Error: x',
        '│  └─ ✓ start 2  wait 20 ms · run 10 ms',
        '└─ ✓ call  10 ms',
      ].join('\n'),
    );
  });

  it('groups attempts that have no parent, too', () => {
    const text = createTraceGraph([
      ...spanEvents('A', { job: '1', attempt: 1, end: 'suspended' }),
      ...spanEvents('B', { at: 30, job: '1', attempt: 2, end: 'failed' }),
    ]).toText();
    expect(text).toContain('✗ job send (bullmq mail/1)  2 starts, failed\n├─ ‖ start 1  10 ms');
  });

  it('says how deep a span lies that is drawn less deep', () => {
    const chain = Array.from({ length: 43 }, (_, i) =>
      spanEvents(`S${i}`, {
        at: i,
        ms: 100 - i,
        subject: `call${i}`,
        ...(i > 0 ? { parent: `S${i - 1}` } : {}),
      }),
    ).flat();
    const lines = createTraceGraph(chain).toText().split('\n');
    expect(lines.slice(-3).map((line) => line.trim())).toEqual([
      '└─ ✓ call40  60 ms',
      '┄ depth 41 ┄ ✓ call41  59 ms',
      '┄ depth 42 ┄ ✓ call42  58 ms',
    ]);
  });

  it('draws a star with more children than a call may have arguments', () => {
    const star = Array.from({ length: 200_000 }, (_, i) => oneEvent(`S${i}`, 'a:note', i, { parent: 'R' }));
    const lines = createTraceGraph([oneEvent('R', 'a:started'), ...star])
      .toText({ maxLines: 3 })
      .split('\n');
    expect(lines).toHaveLength(4);
  });

  it('never cuts a character in half', () => {
    const text = createTraceGraph(spanEvents('A', { subject: `x${'😀'.repeat(150)}` })).toText();
    expect(text).not.toMatch(/\p{Cs}/u);
  });

  it.each([
    [0.004, '0 ms'],
    [999.7, '1 s'],
    [59_999, '1 min 0 s'],
    [3_599_600, '1 h 0 min'],
  ])('rounds %d ms to %s, not to a thousand of the smaller unit', (ms, text) => {
    expect(createTraceGraph(spanEvents('A', { ms })).toText()).toMatch(`✓ call  ${text}`);
  });

  it('is good English about nothing and about one', () => {
    expect(createTraceGraph([]).toText()).toBe('trace  unknown · 0 spans · 0 ms');
    expect(createTraceGraph(spanEvents('A')).toText()).toMatch('· 1 span ·');
    expect(createTraceGraph([]).explainFailure().toText()).toBe('Trace has no events.');
  });
});
