import { describe, expect, it } from 'vitest';
import { withMeasuredSizes } from './readme-sizes.mjs';

describe('sizes in the README', () => {
  it('are the measured ones, wherever they are marked', () => {
    const text = 'The graph: <!-- size:trace-graph -->9 kB<!-- /size -->, small.';
    expect(withMeasuredSizes(text, new Map([['trace-graph', 5149]]))).toBe(
      'The graph: <!-- size:trace-graph -->5.1 kB<!-- /size -->, small.',
    );
  });

  it('tell a mark that no budget stands for', () => {
    expect(withMeasuredSizes('<!-- size:x -->1 kB<!-- /size -->', new Map())).toContain(
      'no budget is called x',
    );
  });
});
