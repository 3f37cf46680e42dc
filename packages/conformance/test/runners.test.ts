import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const path = (from: string): string => JSON.stringify(fileURLToPath(new URL(from, import.meta.url)));

/** What a user's test file says; the runner is Node's own. */
const userTest = `
  import { describe, test } from 'node:test';
  import { MemoryTraceStore } from ${path('../../core/src/events/index.ts')};
  import { testTraceStore } from ${path('../src/index.ts')};

  class Forgetful extends MemoryTraceStore {
    async getTrace(traceId, options) {
      return (await super.getTrace(traceId, options)).slice(0, 9_000);
    }
  }

  describe('sound', () => testTraceStore({ test, open: () => new MemoryTraceStore() }));
  describe('forgetful', () => testTraceStore({ test, open: () => new Forgetful(), seed: 4711 }));
`;

describe('the suites in node:test', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-conformance-'));
  let output = '';

  beforeAll(async () => {
    const outfile = join(folder, 'user.test.mjs');
    const stdin = { contents: userTest, resolveDir: folder };
    const conditions = ['@throughline/source'];
    await build({
      stdin,
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'error',
      conditions,
    });
    const run = ['--test', '--test-reporter=tap', outfile];
    output = spawnSync(process.execPath, run, { encoding: 'utf8', maxBuffer: 2 ** 26 }).stdout;
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  it('pass for what is sound', () => {
    expect(output).toMatch(/^\s*ok 1 - sound$/m);
  });

  it('say what is not offered', () => {
    expect(output).toMatch(/ok \d+ - TraceStore 24c\. .* \(not offered: the harness has no createPlace\)$/m);
  });

  it('fail the one case that does not hold, with the seed that repeats it', () => {
    expect(
      output.match(/^\s*not ok \d+ - .*$/gm)?.map((line) => line.trim().replace(/^not ok \d+ - /, '')),
    ).toEqual(['TraceStore 10. gives every event of a large trace once', 'forgetful']);
    expect(output).toContain('To repeat it, give the suite { seed: 4711 }.');
  });
});
