import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from 'vitest/node';

/** What `scripts/checks.mjs` leaves behind for the run it belongs to. */
interface ChecksReport {
  readonly run: string;
  readonly checks: readonly {
    readonly name: string;
    readonly passed: boolean;
    readonly problems?: readonly string[] | undefined;
  }[];
}

/** How much of one failure is repeated at the end: the log above has the rest. */
const longestReason = 2_000;

/** Where {@link ChecksReport} is written, from the root of the repository. */
const checksFile = 'node_modules/.cache/checks.json';

/**
 * Ends vitest's output with exactly `N passed, N failed`, counted from vitest's own results.
 *
 * Failed counts every failed case, and what has no case of its own: a file that did not load, a suite whose
 * hook threw, an unhandled error, a case that never ran, a run that ended badly for any other reason. Each is
 * named before that line, so that the end of a long log tells what failed. Skipped cases are told on the line
 * before.
 *
 * When `THROUGHLINE_CHECKS_RUN` names a run of the repository's checks, each check counts as one passed or
 * failed. A report of another run is never read as this one's: a missing or foreign report is one failure.
 */
export default class ClosingLineReporter implements Reporter {
  #root = process.cwd();
  #passed = 0;
  readonly #failures: string[] = [];
  #skipped = 0;

  onInit(vitest: Vitest): void {
    this.#root = vitest.config.root;
    const run = process.env.THROUGHLINE_CHECKS_RUN;
    if (run !== undefined) this.#countChecks(run);
    process.once('exit', (code) => this.#printClosingLine(code));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    for (const module of modules) this.#countModule(module);
    for (const error of unhandledErrors) this.#failures.push(withReason('unhandled error', error.message));
  }

  #countChecks(run: string): void {
    const checks = readChecks(join(this.#root, checksFile), run);
    if (checks === undefined) {
      this.#failures.push('the checks left no report of this run');
      return;
    }
    for (const { name, passed, problems = [] } of checks) {
      if (passed) this.#passed += 1;
      else this.#failures.push(withReason(`check ${name}`, problems.join('\n')));
    }
  }

  #countModule(module: TestModule): void {
    for (const test of module.children.allTests()) this.#countCase(test, module);
    for (const part of [module, ...module.children.allSuites()]) {
      const name = part.type === 'module' ? module.moduleId : `${module.moduleId} > ${part.fullName}`;
      if (part.errors().length > 0) this.#failures.push(withReason(name, part.errors()[0]?.message));
    }
  }

  #countCase(test: TestCase, module: TestModule): void {
    const { state, errors } = test.result();
    if (state === 'passed') this.#passed += 1;
    else if (state === 'skipped') this.#skipped += 1;
    else this.#failures.push(withReason(`${module.moduleId} > ${test.fullName}`, errors?.[0]?.message));
  }

  #printClosingLine(exitCode: number): void {
    if (this.#failures.length === 0 && exitCode !== 0) {
      this.#failures.push(`the run ended with exit code ${exitCode}`);
    }
    for (const failure of this.#failures) process.stdout.write(`failed: ${failure}\n`);
    if (this.#skipped > 0) process.stdout.write(`${this.#skipped} skipped\n`);
    process.stdout.write(`${this.#passed} passed, ${this.#failures.length} failed\n`);
  }
}

function withReason(what: string, reason: string | undefined): string {
  return reason === undefined ? what : `${what}: ${reason.slice(0, longestReason)}`;
}

function readChecks(file: string, run: string): ChecksReport['checks'] | undefined {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as ChecksReport;
    return report.run === run ? report.checks : undefined;
  } catch {
    return undefined;
  }
}
