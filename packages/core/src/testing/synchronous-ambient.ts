import type { AmbientContext } from '../telemetry/ambient-context.ts';
import type { TraceContext } from '../trace-context/trace-context.ts';

/** An ambient context that is known for as long as a function runs synchronously: up to its first `await`. */
export class SynchronousAmbient implements AmbientContext {
  #active: TraceContext | undefined;

  run<T>(context: TraceContext | undefined, fn: () => T): T {
    const outer = this.#active;
    this.#active = context;
    try {
      return fn();
    } finally {
      this.#active = outer;
    }
  }

  getStore(): TraceContext | undefined {
    return this.#active;
  }
}
