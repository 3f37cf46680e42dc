/** Told once per telemetry object, at its first failure. */
export type FailureReport = (message: string, error: unknown) => void;

const warn: FailureReport = (message, error) => globalThis.console?.warn(message, error);

/** What has hooks of the given names, none of them trusted. */
type Untrusted<Hook extends string> = { readonly [hook in Hook]: unknown };

/** Three arguments at most, so that no call allocates. */
type AnyHook = (a?: unknown, b?: unknown, c?: unknown) => unknown;

/** Calls the hooks of one sink so that nothing they do reaches the caller, and counts what went wrong. */
export class FailureLog {
  /** By hook name: `startSpan`, `span.end`. The names are ours, so the object is bounded. */
  readonly failures: Record<string, number> = {};
  /** By the reason that `readCarrier` gave. */
  readonly rejectedCarriers: Record<string, number> = {};
  lastError: unknown;
  #report: FailureReport | undefined;

  constructor(report: FailureReport = warn) {
    this.#report = report;
  }

  count(hook: string, error: unknown): void {
    increment(this.failures, hook);
    this.lastError = error;
    const report = this.#report;
    this.#report = undefined;
    try {
      report?.(`throughline: telemetry failed in ${hook}; the work goes on. See telemetryHealth().`, error);
    } catch {
      // Nobody is left to tell; the failure that was to be reported is counted.
    }
  }

  reject(reason: string): void {
    increment(this.rejectedCarriers, reason);
  }

  /** Reads or calls a hook and takes its answer through `accept`; `undefined` when either throws. */
  ask<Hook extends string, Answer>(
    scope: string,
    sink: Untrusted<Hook>,
    hook: Hook,
    accept: (answer: never) => Answer,
    a?: unknown,
    b?: unknown,
  ): Answer | undefined {
    let answer: unknown;
    try {
      const member = sink[hook];
      answer = typeof member === 'function' ? member.call(sink, a, b) : member;
      return accept(answer as never);
    } catch (error) {
      this.count(scope + hook, error);
      absorb(answer);
    }
    return undefined;
  }

  /**
   * Calls a hook that has no answer. Nobody waits for a promise it may return, but a rejection is counted.
   *
   * @returns whether the call returned
   */
  tell<Hook extends string>(
    scope: string,
    sink: Untrusted<Hook>,
    hook: Hook,
    a?: unknown,
    b?: unknown,
    c?: unknown,
  ): boolean {
    try {
      const answer = (sink[hook] as AnyHook)(a, b, c);
      if (answer !== undefined) absorb(answer, (error) => this.count(scope + hook, error));
      return true;
    } catch (error) {
      this.count(scope + hook, error);
      return false;
    }
  }
}

function increment(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

const ignore = (): void => {};

/** Keeps a promise that nobody asked for from becoming an unhandled rejection. Anything else is left alone. */
export function absorb(answer: unknown, onRejected: (error: unknown) => void = ignore): void {
  try {
    (answer as PromiseLike<unknown> | undefined)?.then?.(ignore, onRejected);
  } catch (error) {
    onRejected(error);
  }
}
