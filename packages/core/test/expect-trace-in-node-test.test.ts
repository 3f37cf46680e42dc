import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const testing = fileURLToPath(new URL('../src/testing/index.ts', import.meta.url));

/** What a user's test file says; the runner is Node's own. */
const userTest = `
  import test from 'node:test';
  import { expectTrace, loanSagaStory } from ${JSON.stringify(testing)};

  test('holds', () => expectTrace(loanSagaStory()).toHaveFailed('Insufficient funds').toCompensate('credit'));
  test('does not hold', () => expectTrace(loanSagaStory()).toHaveSucceeded());
`;

describe('expectTrace in node:test', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-node-test-'));
  let output = '';

  beforeAll(async () => {
    const outfile = join(folder, 'user.test.mjs');
    const stdin = { contents: userTest, resolveDir: folder };
    await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'error' });
    output = spawnSync(process.execPath, ['--test', '--test-reporter=tap', outfile], {
      encoding: 'utf8',
    }).stdout;
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  it('passes a test whose expectations hold', () => {
    expect(output).toMatch(/^ *ok 1 - holds$/m);
    expect(output).toMatch(/^# pass 1$/m);
  });

  it('fails a test whose expectation does not hold, and shows the trace', () => {
    expect(output).toMatch(/^ *not ok 2 - does not hold$/m);
    expect(output).toContain('Expected the trace to have succeeded.');
    expect(output).toContain('✗ stage:funding');
  });
});
