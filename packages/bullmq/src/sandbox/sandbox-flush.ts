import type { Telemetry } from '@throughline/core';

const flushTimeoutMs = 5_000;
const leastPauseMs = 1_000;

/**
 * When a sandbox sends what it recorded: after a job, at most once a second, so that little is lost when the sandbox is
 * killed; and before it is retired. No job waits for it.
 */
export class SandboxFlush {
  readonly #telemetry: Telemetry;
  #running: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastFlush = Number.NEGATIVE_INFINITY;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  /** A job begins; a sandbox has one at a time. @returns tells that it ended */
  jobBegins(): () => void {
    let ended = (): void => {};
    const running = new Promise<void>((resolve) => {
      ended = resolve;
    });
    this.#running = running;
    return () => {
      ended();
      this.#schedule();
    };
  }

  /** Waits for the running job, as BullMQ does, then flushes, 5 seconds at the most. Never rejects. */
  async beforeRetirement(): Promise<void> {
    await this.#running;
    clearTimeout(this.#timer);
    await this.#telemetry.flush({ timeoutMs: flushTimeoutMs });
  }

  #schedule(): void {
    const pauseMs = Math.max(0, this.#lastFlush + leastPauseMs - performance.now());
    this.#timer ??= setTimeout(() => this.#flush(), pauseMs).unref();
  }

  #flush(): void {
    this.#timer = undefined;
    this.#lastFlush = performance.now();
    void this.#telemetry.flush({ timeoutMs: flushTimeoutMs });
  }
}
