import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** What `scripts/checks.mjs` leaves behind for the run it belongs to. */
interface ChecksReport {
  readonly run: string;
  readonly checks: readonly { readonly name: string; readonly passed: boolean }[];
}

/** Where {@link ChecksReport} is written, from the root of the repository. */
const checksFile = 'node_modules/.cache/checks.json';

/**
 * Ends vitest's output with exactly `N passed, N failed`, counted from vitest's own results.
 *
 * Failed counts every failed case, and what has no case of its own: a file that did not load, a suite whose
 * hook threw, an unhandled error, a case that never ran, a run that ended badly for any other reason. Skipped
 * cases are told on the line before.
 *
 * When `THROUGHLINE_CHECKS_RUN` names a run of the repository's checks, each check counts as one passed or
 * failed. A report of another run is never read as this one's: a missing or foreign report is one failure.
 */
export default class ClosingLineReporter implements Reporter {
  #root = process.cwd();
  #passed = 0;
  #failed = 0;
  #skipped = 0;

  onInit(vitest: Vitest): void {
    this.#root = vitest.config.root;
    const run = process.env.THROUGHLINE_CHECKS_RUN;
    if (run !== undefined) this.#countChecks(run);
    process.once('exit', (code) => this.#printClosingLine(code));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    for (const module of modules) this.#countModule(module);
    this.#failed += unhandledErrors.length;
  }

  #countChecks(run: string): void {
    const checks = readChecks(join(this.#root, checksFile), run);
    if (checks === undefined) {
      this.#failed += 1;
      return;
    }
    for (const check of checks) this.#count(check.passed ? 'passed' : 'failed');
  }

  #countModule(module: TestModule): void {
    for (const test of module.children.allTests()) this.#count(test.result().state);
    for (const part of [module, ...module.children.allSuites()]) {
      if (part.errors().length > 0) this.#failed += 1;
    }
  }

  #count(state: 'passed' | 'failed' | 'skipped' | 'pending'): void {
    if (state === 'passed') this.#passed += 1;
    else if (state === 'skipped') this.#skipped += 1;
    else this.#failed += 1;
  }

  #printClosingLine(exitCode: number): void {
    const failed = this.#failed === 0 && exitCode !== 0 ? 1 : this.#failed;
    if (this.#skipped > 0) process.stdout.write(`${this.#skipped} skipped\n`);
    process.stdout.write(`${this.#passed} passed, ${failed} failed\n`);
  }
}

function readChecks(file: string, run: string): ChecksReport['checks'] | undefined {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as ChecksReport;
    return report.run === run ? report.checks : undefined;
  } catch {
    return undefined;
  }
}
