import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const reporter = fileURLToPath(new URL('../src/closing-line-reporter.ts', import.meta.url));

const passing = `it('holds', () => {});`;
const failing = `it('does not hold', () => { throw new Error('no'); });`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'closing-line-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The last two lines and the exit code of a real vitest over these files, in a project of its own. */
async function endOfRun(
  files: Record<string, string>,
  { config = '', env = {} }: { config?: string; env?: Record<string, string> } = {},
): Promise<{ before: string | undefined; last: string | undefined; code: number }> {
  const root = await mkdtemp(join(folder, 'run-'));
  const settings = `export default { test: { globals: true, reporters: ['default', '${reporter}'], ${config} } };`;
  for (const [name, text] of Object.entries({ 'vitest.config.mjs': settings, ...files })) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
  const { output, code } = await run(process.execPath, [vitest, 'run', '--root', root], {
    ...cleanEnv(),
    ...env,
  });
  const lines = output.split('\n');
  expect(lines.pop()).toBe('');
  return { last: lines.pop(), before: lines.pop(), code };
}

/** Without what the outer vitest, and the checks it may belong to, have set. */
function cleanEnv(): NodeJS.ProcessEnv {
  const outer = /^(VITEST|VITE_|TEST$|NODE_ENV|THROUGHLINE_CHECKS|PROD$|DEV$|SSR$|BASE_URL|MODE$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
}

function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ output: string; code: number }> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { env }, (_error, output) => {
      resolve({ output, code: child.exitCode ?? 1 });
    });
    child.stdin?.end();
  });
}

describe('the closing line', () => {
  it('says how many cases passed and failed', async () => {
    const { last, code } = await endOfRun({
      'a.test.mjs': passing + passing,
      'b.test.mjs': passing + failing,
    });
    expect(last).toBe('3 passed, 1 failed');
    expect(code).toBe(1);
  });

  it('names what failed, and why, on the lines before', async () => {
    const { before } = await endOfRun({ 'b.test.mjs': passing + failing });
    expect(before).toMatch(/^failed: .*b\.test\.mjs > does not hold: no$/);
  });

  it('ends a run in which all is well', async () => {
    expect(await endOfRun({ 'a.test.mjs': passing })).toMatchObject({ last: '1 passed, 0 failed', code: 0 });
  });

  it('counts a file that does not load', async () => {
    const { last } = await endOfRun({ 'a.test.mjs': passing, 'b.test.mjs': `import './absent.mjs';` });
    expect(last).toBe('1 passed, 1 failed');
  });

  it('counts a suite whose hook throws, and tells its cases as skipped on the line before', async () => {
    const broken = `describe('suite', () => { beforeAll(() => { throw new Error('no'); }); ${passing}${passing} });`;
    const { before, last } = await endOfRun({ 'a.test.mjs': passing + broken });
    expect(before).toBe('2 skipped');
    expect(last).toBe('1 passed, 1 failed');
  });

  it('counts an error that no case is to blame for', async () => {
    const { last } = await endOfRun({
      'a.test.mjs': `it('holds', async () => { Promise.reject(new Error('stray')); await new Promise(setImmediate); });`,
    });
    expect(last).toBe('1 passed, 1 failed');
  });

  it('tells skipped and planned cases apart from both', async () => {
    const { before, last, code } = await endOfRun({
      'a.test.mjs': `${passing} it.skip('later', () => {}); it.todo('x');`,
    });
    expect(before).toBe('2 skipped');
    expect(last).toBe('1 passed, 0 failed');
    expect(code).toBe(0);
  });

  it('counts a set-up that crashed before any case could run', async () => {
    const files = { 'a.test.mjs': passing, 'setup.mjs': `throw new Error('no server');` };
    const { last, code } = await endOfRun(files, { config: `globalSetup: './setup.mjs'` });
    expect(last).toBe('0 passed, 1 failed');
    expect(code).toBe(1);
  });

  it('counts a run that found no test at all', async () => {
    expect(await endOfRun({})).toMatchObject({ last: '0 passed, 1 failed', code: 1 });
  });
});

describe('the closing line of a run with checks', () => {
  const report = (run: string): string =>
    JSON.stringify({
      run,
      checks: [
        { name: 'types', passed: true },
        { name: 'format', passed: false, problems: ['a.ts is not formatted'] },
      ],
    });
  const withReport = (run: string): Record<string, string> => ({
    'a.test.mjs': passing,
    'node_modules/.cache/checks.json': report(run),
  });

  it('counts each check of this run as one', async () => {
    const { before, last } = await endOfRun(withReport('run-1'), {
      env: { THROUGHLINE_CHECKS_RUN: 'run-1' },
    });
    expect(before).toBe('failed: check format: a.ts is not formatted');
    expect(last).toBe('2 passed, 1 failed');
  });

  it('counts no check when the run has none', async () => {
    expect(await endOfRun(withReport('run-1'))).toMatchObject({ last: '1 passed, 0 failed' });
  });

  it("takes another run's report for a failure, never for its own", async () => {
    const { last } = await endOfRun(withReport('yesterday'), { env: { THROUGHLINE_CHECKS_RUN: 'run-1' } });
    expect(last).toBe('1 passed, 1 failed');
  });

  it('takes a missing report for a failure: the checks crashed', async () => {
    const { last } = await endOfRun({ 'a.test.mjs': passing }, { env: { THROUGHLINE_CHECKS_RUN: 'run-1' } });
    expect(last).toBe('1 passed, 1 failed');
  });
});
