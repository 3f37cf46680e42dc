import { describe, expect, it } from 'vitest';
import { docstrings } from './docstrings.mjs';
import { snippetsOf } from './snippets.mjs';

const fence = (/** @type {string} */ info, /** @type {string} */ code) => `\`\`\`${info}\n${code}\n\`\`\``;

describe('snippets of a page', () => {
  it('are its ts fences, at the line where their code begins', () => {
    const page = `# Title\n\n${fence('ts', 'const a = 1;')}\n\ntext\n\n${fence('typescript', 'const b = 2;')}`;
    expect(snippetsOf('page.md', [page]).checked).toEqual([
      { file: 'page.md', line: 4, code: 'const a = 1;' },
      { file: 'page.md', line: 10, code: 'const b = 2;' },
    ]);
  });

  it('lose the indent of a list', () => {
    const page = `1. first\n\n   \`\`\`ts\n   if (a) {\n     b();\n   }\n   \`\`\``;
    expect(snippetsOf('page.md', [page]).checked[0]?.code).toBe('if (a) {\n  b();\n}');
  });

  it('leave other languages alone', () => {
    expect(snippetsOf('page.md', [fence('sh', 'npm test'), fence('', 'plain text')])).toEqual({
      checked: [],
      unchecked: [],
      problems: [],
    });
  });

  it('list what says no-check, with its reason', () => {
    const { checked, unchecked } = snippetsOf('page.md', [
      fence('ts no-check an outline of the port', 'interface A …'),
    ]);
    expect(checked).toEqual([]);
    expect(unchecked).toEqual(['page.md:2 an outline of the port']);
  });

  it.each([
    ['no-check without a reason', fence('ts no-check', 'x')],
    ['another spelling of our language', fence('js', 'x')],
    ['a nameless fence that imports a package of ours', fence('', `import { a } from '@throughline/core';`)],
  ])('refuse %s', (_what, page) => {
    const { checked, problems } = snippetsOf('page.md', [page]);
    expect(checked).toEqual([]);
    expect(problems).toHaveLength(1);
  });
});

describe('snippets of doc comments', () => {
  const source = [
    'const before = 1;',
    '/**',
    ' * Counts.',
    ' *',
    ' * @example',
    ' * ```ts',
    ' * count({',
    ' *   by: 2,',
    ' * });',
    ' * ```',
    ' * @see elsewhere',
    ' */',
    'export function count() {}',
  ].join('\n');

  it('keep the line they have in the source', () => {
    const { checked } = snippetsOf('count.ts', docstrings(source));
    expect(checked).toEqual([{ file: 'count.ts', line: 7, code: 'count({\n  by: 2,\n});' }]);
  });

  it('must stand in a fence', () => {
    const bare = source.replace(/ \* ```.*\n/g, '');
    expect(snippetsOf('count.ts', docstrings(bare)).problems).toEqual([
      'count.ts:5 has an @example without a ```ts fence',
    ]);
  });
});
