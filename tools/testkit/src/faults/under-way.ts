type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Knows what is under way on files and sockets, for a {@link VirtualClock} that has to wait for it.
 *
 * @example
 * ```ts
 * import { MemoryTraceStore } from '@throughline/core/events';
 * import { UnderWay, VirtualClock } from '@throughline/testkit';
 *
 * const underWay = new UnderWay();
 * const store = underWay.through(new MemoryTraceStore());
 * const clock = new VirtualClock({ underWay: () => underWay.work() });
 * console.log(store.capabilities, clock.now());
 * ```
 */
export class UnderWay {
  readonly #promises = new Set<Promise<unknown>>();

  /** Everything that has begun and not ended; `undefined` when there is nothing. */
  work(): Promise<unknown> | undefined {
    return this.#promises.size === 0 ? undefined : Promise.all(this.#promises);
  }

  /**
   * `target` as it is; promises that its methods return count until they settle, and so do the steps of its async
   * iterations and what the values of these return.
   */
  through<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => this.#followed(Reflect.apply(member as Method, target, args));
      },
    });
  }

  #followed(answer: unknown): unknown {
    if (answer instanceof Promise) return this.#track(answer);
    return isAsyncIterable(answer) ? this.#iterate(answer[Symbol.asyncIterator]()) : answer;
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    const settled: Promise<unknown> = promise.catch(() => {}).finally(() => this.#promises.delete(settled));
    this.#promises.add(settled);
    return promise;
  }

  async *#iterate(iterator: AsyncIterator<unknown>): AsyncGenerator<unknown> {
    try {
      for (;;) {
        const { done, value } = await this.#track(iterator.next());
        if (done) return;
        yield typeof value === 'object' && value !== null ? this.through(value) : value;
      }
    } finally {
      await iterator.return?.();
    }
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
