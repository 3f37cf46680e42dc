import { type Attributes, defineEventKind, type Telemetry, type TelemetryEventKind } from '@throughline/core';

/** What BullMQ says about an instrument it asks for. */
export interface HostInstrumentOptions {
  readonly description?: string | undefined;
  readonly unit?: string | undefined;
}

interface Measured {
  readonly value: number;
  readonly attributes: Attributes | undefined;
}

/** Combinations of queue, job name and state that one gauge keeps. */
const mostSets = 1_000;
const noAttributes: Attributes = Object.freeze({});

/**
 * BullMQ's own metrics (`bullmq.jobs.completed`, `bullmq.job.duration` in milliseconds …) on our port: BullMQ measures,
 * whatever object it is given, and asks for the instrument each time.
 *
 * @see {@link https://docs.bullmq.io/guide/telemetry/metrics | BullMQ: Metrics}
 */
export class HostMeter {
  readonly #telemetry: Telemetry;
  readonly #kinds = new Map<string, TelemetryEventKind<Measured>>();
  readonly #gauges = new Map<string, Map<string, Measured>>();

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  createCounter(
    name: string,
    options?: HostInstrumentOptions,
  ): { add(value: number, attributes?: object): void } {
    const kind = this.#kind('counter', name, options);
    return { add: (value, attributes) => this.#emit(kind, value, attributes) };
  }

  createHistogram(
    name: string,
    options?: HostInstrumentOptions,
  ): { record(value: number, attributes?: object): void } {
    const kind = this.#kind('histogram', name, options);
    return { record: (value, attributes) => this.#emit(kind, value, attributes) };
  }

  createGauge(
    name: string,
    options?: HostInstrumentOptions,
  ): { record(value: number, attributes?: object): void } {
    const last = this.#gauge(name, options);
    return {
      record(value, attributes) {
        const key = JSON.stringify(attributes ?? {});
        if (last.has(key) || last.size < mostSets)
          last.set(key, { value, attributes: attributes as Attributes });
      },
    };
  }

  #emit(kind: TelemetryEventKind<Measured>, value: number, attributes: object | undefined): void {
    this.#telemetry.emitEvent(kind, { value, attributes: attributes as Attributes | undefined });
  }

  #kind(
    kind: 'counter' | 'histogram',
    name: string,
    { unit = '1', description }: HostInstrumentOptions = {},
  ): TelemetryEventKind<Measured> {
    let known = this.#kinds.get(name);
    if (known === undefined) {
      known = defineEventKind<Measured>(name, [
        {
          kind,
          name,
          unit,
          description,
          value: (measured) => measured.value,
          attributes: (measured) => measured.attributes ?? noAttributes,
        },
      ]);
      this.#kinds.set(name, known);
    }
    return known;
  }

  /** The last values of a gauge, read when metrics are collected. */
  #gauge(name: string, { unit = '1', description }: HostInstrumentOptions = {}): Map<string, Measured> {
    let last = this.#gauges.get(name);
    if (last === undefined) {
      const values = new Map<string, Measured>();
      last = values;
      this.#gauges.set(name, values);
      this.#telemetry.observe({ kind: 'gauge', name, unit, description }, (observe) => {
        for (const { value, attributes } of values.values()) observe(value, attributes);
      });
    }
    return last;
  }
}
