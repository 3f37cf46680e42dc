import type { WriterStats } from '@throughline/core';
import { imbalanceOf } from './check-account.ts';

/** What has an account: an `EventWriter`. */
export interface Accountable {
  stats(): WriterStats;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Looks at the account of a writer at every step: whenever the writer calls its store, its spool or its clock, whenever
 * one of these answers, and whenever a timer fires.
 *
 * What it finds is kept in `violations`, not thrown: thrown inside a store it would be taken for an outage.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
 * import { AccountObserver, VirtualClock } from '@throughline/testkit';
 *
 * const account = new AccountObserver();
 * const store = account.through(new MemoryTraceStore());
 * const writer = new EventWriter(store, { clock: account.through(new VirtualClock()) });
 * account.watch(writer);
 * await writer.flush();
 * assert.deepEqual(account.violations, []);
 * ```
 */
export class AccountObserver {
  readonly violations: string[] = [];
  /** How often it looked. */
  checks = 0;
  /** The most events that were in memory at once. */
  mostBuffered = 0;
  #watched: Accountable | undefined;
  #accepted = 0;

  /** Names the writer; before that nothing is looked at. */
  watch(writer: Accountable): void {
    this.#watched = writer;
  }

  /** `target` as it is, but for a look at the account before and after each call, and when a promise settles. */
  through<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? this.#observed(target, member as Method) : member;
      },
    });
  }

  /** Looks now. */
  check(): void {
    if (this.#watched === undefined) return;
    this.checks++;
    const stats = this.#watched.stats();
    const problem = imbalanceOf(stats);
    if (problem !== undefined) this.violations.push(problem);
    if (stats.accepted < this.#accepted) this.violations.push(`accepted fell to ${stats.accepted}`);
    this.#accepted = stats.accepted;
    this.mostBuffered = Math.max(this.mostBuffered, stats.buffered);
  }

  #observed(target: object, method: Method): Method {
    return (...args) => {
      this.check();
      const given = args.map((arg) => (typeof arg === 'function' ? this.#after(arg as Method) : arg));
      const answer = Reflect.apply(method, target, given);
      this.check();
      if (answer instanceof Promise) answer.then(this.#look, this.#look);
      return answer;
    };
  }

  #after(callback: Method): Method {
    return (...args) => {
      const answer = callback(...args);
      this.check();
      return answer;
    };
  }

  /** The writer hears the answer first: it was there first. */
  readonly #look = (): void => void Promise.resolve().then(() => this.check());
}
