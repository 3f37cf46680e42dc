import mermaid from 'mermaid/dist/mermaid.esm.min.mjs';
import { describe, expect, it } from 'vitest';
import { loanSagaStory } from '../src/testing/loan-saga-story.ts';
import { oneEvent, spanEvents } from '../src/trace-graph/build-events.ts';
import { createTraceGraph } from '../src/trace-graph/trace-graph.ts';

mermaid.initialize({ startOnLoad: false, securityLevel: 'loose' });

let drawings = 0;

/** The drawing as the page shows it: the texts of its nodes, in order of the spans. */
async function drawn(text: string): Promise<{ svg: Element; labels: (string | undefined)[] }> {
  const { svg } = await mermaid.render(`drawing${drawings++}`, text);
  const holder = document.createElement('div');
  holder.innerHTML = svg;
  const nodes = [...holder.querySelectorAll('.node')];
  return { svg: holder, labels: nodes.map((node) => node.textContent?.trim()) };
}

const hostileNames = [
  'end',
  'a"]:::x --> b["',
  '%%{init: {"securityLevel": "loose"}}%%',
  '<img src=x onerror="window.broken = true">',
  '</style><script>window.broken = true</script>',
  '`**bold**`',
  '1. first',
  '- item',
  '$$x^2$$',
  'fa:fa-car',
  '#quot; &lt; #35;',
  'https://example.org/a_b_c?d=e',
  'n0@{ shape: rect }',
  'click n0 call alert()',
  '😀 família 日本語',
];

describe('toMermaid, drawn by Mermaid', () => {
  it('shows the loan saga with all its spans, links and undoing', async () => {
    const graph = createTraceGraph(loanSagaStory());
    const { svg, labels } = await drawn(graph.toMermaid());
    expect(labels).toHaveLength(graph.spans.length);
    expect(labels.join()).toContain('InsufficientFundsError: Insufficient funds');
    expect(svg.querySelectorAll('.edgePaths path')).toHaveLength(graph.spans.length);
  });

  it.each(hostileNames)('shows the name %s as it is, and lets it do nothing', async (name) => {
    const graph = createTraceGraph([
      oneEvent('A', 'x:started', 0, {}, { name }),
      ...spanEvents('B', { parent: 'A' }),
    ]);
    const { svg, labels } = await drawn(graph.toMermaid());
    expect(labels[0]).toBe(`… x (${name})`);
    expect(labels).toHaveLength(2);
    expect(svg.querySelectorAll('img, script, strong, em, li, a, i')).toHaveLength(0);
    expect(window).not.toHaveProperty('broken');
  });

  it('spells out the ligature by which Mermaid marks codes: it would be read as one', async () => {
    const { labels } = await drawn(
      createTraceGraph(spanEvents('A', { data: { name: 'ﬂ°°60¶ß' } })).toMermaid(),
    );
    expect(labels[0]).toContain('fl°°60');
  });

  it('draws what it is allowed to draw at most, in the worst case', async () => {
    const star = Array.from({ length: 1000 }, (_, i) =>
      oneEvent(`S${i}`, 'x:note', i, { parent: 'R' }, { name: '"'.repeat(200) }),
    );
    const text = createTraceGraph([oneEvent('R', 'x:started'), ...star]).toMermaid({ maxSpans: 1000 });
    expect(text.length).toBeLessThan(50_000);
    expect((await drawn(text)).labels.at(-1)).toMatch(/^… \d+ more spans$/);
  });
});
