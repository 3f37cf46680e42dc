import { describe, expect, it } from 'vitest';
import { oneEvent, spanEvents } from './build-events.ts';
import { createTraceGraph } from './trace-graph.ts';

describe('toMermaid', () => {
  it('has a node per span with its state, and an edge to its parent', () => {
    const graph = createTraceGraph([
      ...spanEvents('R', { subject: 'order', ms: 100 }),
      ...spanEvents('A', { parent: 'R', subject: 'stage:pay', end: 'failed', error: 'declined' }),
    ]);
    expect(graph.toMermaid({ direction: 'LR' })).toBe(
      [
        'flowchart LR',
        '  n0["✓ order<br/>100 ms"]:::completed',
        '  n1["✗ stage:pay<br/>10 ms · Error: declined"]:::failed',
        '  n0 --> n1',
        '  classDef completed stroke:#2e7d32',
        '  classDef failed stroke:#c62828,stroke-width:3px',
      ].join('\n'),
    );
  });

  it('draws links between traces and what an undoing undoes as dotted edges', () => {
    const links = [{ trace_id: 'T1', span_id: 'A' }];
    const text = createTraceGraph([
      ...spanEvents('A'),
      ...spanEvents('B', { trace: 'T2', at: 20, data: { links, original_span_id: 'C' } }),
      ...spanEvents('C', { trace: 'T2', parent: 'B', at: 21, ms: 1 }),
    ]).toMermaid();
    expect(text).toContain('  n0 -. link .-> n1');
    expect(text).toContain('  n1 -. undoes .-> n2');
  });

  it('writes everything that could have a meaning as its code', () => {
    const text = createTraceGraph([
      oneEvent('A', 'x:started', 0, {}, { name: '"]%%{<`#_*-.;&\u202E' }),
    ]).toMermaid();
    expect(text).toContain('["… x (#34;#93;#37;#37;#123;#60;#96;#35;#95;#42;#45;#46;#59;#38;)"]');
  });

  it('counts what it does not draw', () => {
    const star = Array.from({ length: 50 }, (_, i) => oneEvent(`S${i}`, 'x:note', i, { parent: 'R' }));
    const text = createTraceGraph([oneEvent('R', 'x:started'), ...star]).toMermaid({ maxSpans: 11 });
    expect(text).toContain('  more["… 40 more spans"]');
    expect(text.match(/-->/g)).toHaveLength(10);
  });

  it('is a chart of nothing when there is nothing', () => {
    expect(createTraceGraph([]).toMermaid()).toBe('flowchart TD');
  });
});
