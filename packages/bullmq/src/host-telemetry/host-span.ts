import type { Span } from 'bullmq';

/** What BullMQ says about a span, by the names of its `TelemetryAttributes`. Nothing guarantees the values. */
export type HostAttributes = Readonly<Record<string, unknown>>;

/** A span for BullMQ that goes nowhere: the whole of its interface, for those that do something to build on. */
export class HostSpan implements Span {
  /** Silent spans leave the context as it is. Those that can be active are contexts themselves. */
  setSpanOnContext(context: unknown): unknown {
    return context;
  }
  setAttribute(key: string, value: unknown): void {
    this.setAttributes({ [key]: value });
  }
  setAttributes(_attributes: HostAttributes): void {}
  addEvent(_name: string, _attributes?: HostAttributes): void {}
  recordException(_exception: unknown): void {}
  end(): void {}

  /** Runs `fn` with this span active. */
  run<T>(fn: () => T): T {
    return fn();
  }
  /** What BullMQ writes beside a job that is sent under this span; empty when there is nothing to write. */
  carrier(): string {
    return '';
  }
}

/** One for all, since it keeps nothing. */
export const silentSpan: HostSpan = Object.freeze(new HostSpan());

/** The string under `name`, if it is one. */
export function textOf(attributes: HostAttributes | undefined, name: string): string | undefined {
  const value = attributes?.[name];
  return typeof value === 'string' ? value : undefined;
}
