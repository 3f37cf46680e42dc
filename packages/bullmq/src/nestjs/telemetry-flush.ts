import type { OnApplicationShutdown } from '@nestjs/common';
import type { Telemetry } from '@throughline/core';

const flushTimeoutMs = 5_000;

/**
 * Flushes as the application shuts down, after its HTTP server was closed: for applications that only add jobs. Workers
 * flush as they are closed, so their last spans do not depend on the order in which Nest asks.
 */
export class TelemetryFlush implements OnApplicationShutdown {
  readonly #telemetry: Telemetry;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#telemetry.flush({ timeoutMs: flushTimeoutMs });
  }
}
