import type { Telemetry } from '@throughline/core';

/** Where the queues of this run live. */
export interface BullmqSettings {
  readonly connection: { readonly url: string };
  readonly prefix: string;
  readonly telemetry: Telemetry;
}
