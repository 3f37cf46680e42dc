import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { quotedFigures, withFigures } from './quoted-figures.mjs';

const read = (/** @type {string} */ path) => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('figures that a text quotes', () => {
  const text = 'A: <!-- bench:a/ours -->1×<!-- /bench -->, b: <!-- bench:b/ours -->2×<!-- /bench -->.';

  it('are the measured ones of the benchmark that has run, wherever they are marked', () => {
    expect(withFigures(text, 'a', new Map([['ours', '9×']]))).toBe(
      'A: <!-- bench:a/ours -->9×<!-- /bench -->, b: <!-- bench:b/ours -->2×<!-- /bench -->.',
    );
  });

  it('tell a mark that no figure stands for', () => {
    expect(withFigures(text, 'a', new Map())).toContain('nothing is called ours');
  });
});

/** @param {{ benchmark: string, figure: string, said: string }} quoted */
function isMeasured({ benchmark, figure, said }) {
  const table = `../measured/${benchmark}.txt`;
  return existsSync(new URL(table, import.meta.url)) && read(table).includes(`  ${figure}: ${said}\n`);
}

describe('what the README and the guides quote', () => {
  it.each(['README.md', 'docs/guides/pgconductor-scaling.md'])('in %s is what was measured', (path) => {
    expect(quotedFigures(read(`../../${path}`)).filter((quoted) => !isMeasured(quoted))).toEqual([]);
  });
});
