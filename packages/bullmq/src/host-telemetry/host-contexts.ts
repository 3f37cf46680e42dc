import type { Telemetry } from '@throughline/core';
import type { ContextManager } from 'bullmq';
import { type CarrierOrigin, originOf } from '../carrier/carrier-origin.ts';
import { announcedWith } from '../consuming/attempt-registry.ts';
import type { BullmqSettings } from '../settings/bullmq-settings.ts';
import { HostSpan } from './host-span.ts';

/** "Whatever is active": BullMQ asks for the active context only to hand it back. */
const active = Object.freeze({ context: 'active' });
/** "Nothing is active": BullMQ runs its maintenance loops in it. */
const root = Object.freeze({ context: 'root' });

/** The origin of a consumed job, on its way from `fromMetadata` to `startSpan`. */
export class HostOrigin {
  readonly origin: CarrierOrigin;
  /** The carrier that told it. */
  readonly metadata: unknown;

  constructor(origin: CarrierOrigin, metadata: unknown) {
    this.origin = origin;
    this.metadata = metadata;
  }
}

/**
 * BullMQ's context manager on our port. A context is one of the two constants above, an origin, or a span of ours;
 * anything else BullMQ may hand in counts as "whatever is active".
 */
export class HostContexts implements ContextManager<unknown> {
  readonly #telemetry: Telemetry;
  readonly #settings: BullmqSettings;

  constructor(telemetry: Telemetry, settings: BullmqSettings) {
    this.#telemetry = telemetry;
    this.#settings = settings;
  }

  active(): unknown {
    return active;
  }

  root(): unknown {
    return root;
  }

  with<Fn extends (...args: never[]) => unknown>(context: unknown, fn: Fn): ReturnType<Fn> {
    const call = fn as unknown as () => ReturnType<Fn>;
    if (context instanceof HostSpan) return context.run(call);
    return context === root ? this.#telemetry.withContext(undefined, call) : call();
  }

  getMetadata(context: unknown): string {
    return context instanceof HostSpan ? context.carrier() : '';
  }

  fromMetadata(_active: unknown, metadata: unknown): unknown {
    const origin = originOf(this.#telemetry, this.#settings, metadata, announcedWith(metadata));
    return new HostOrigin(origin, metadata);
  }
}
