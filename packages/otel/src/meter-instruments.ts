import type {
  Attributes as ApiAttributes,
  Meter,
  MetricOptions,
  Observable,
  ObservableCallback,
} from '@opentelemetry/api';
import type { Attributes, EventInstrument, ObservedInstrument, TelemetryEventKind } from '@throughline/core';
import { summing } from './counter-sums.ts';
import { definedAttributes } from './defined-attributes.ts';

/** A reader of the port, in the shape that the API calls at collection time. */
export interface Observation {
  readonly instrument: ObservedInstrument;
  readonly callback: ObservableCallback;
}

type Write = (value: number, attributes?: ApiAttributes) => void;

interface Recorder {
  readonly value: (event: object) => number | undefined;
  readonly attributes: ((event: object) => Attributes) | undefined;
  readonly write: Write;
}

/** The instruments of one meter. A meter that is registered later has instruments of its own. */
export class MeterInstruments {
  readonly #meter: Meter;
  readonly #recorders = new WeakMap<object, readonly Recorder[]>();
  readonly #observables = new Map<string, Observable>();

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** Feeds one occurrence to each of its metrics. A value that is not a finite number would spoil a sum for good. */
  record<E extends object>(kind: TelemetryEventKind<E>, event: E): void {
    for (const { value, attributes, write } of this.#recordersOf(kind)) {
      const measured = value(event);
      if (measured === undefined || !Number.isFinite(measured)) continue;
      if (attributes) write(measured, definedAttributes(attributes(event)));
      else write(measured);
    }
  }

  attach({ instrument, callback }: Observation): void {
    this.#observable(instrument).addCallback(callback);
  }

  detach({ instrument, callback }: Observation): void {
    this.#observable(instrument).removeCallback(callback);
  }

  #recordersOf<E extends object>(kind: TelemetryEventKind<E>): readonly Recorder[] {
    let recorders = this.#recorders.get(kind);
    if (!recorders) {
      recorders = kind.instruments.map((instrument) => recorderOf(this.#meter, instrument));
      this.#recorders.set(kind, recorders);
    }
    return recorders;
  }

  /** One instrument for all readers of a name: every queue reports its own depth under the same metric. */
  #observable(instrument: ObservedInstrument): Observable {
    const key = `${instrument.kind} ${instrument.name}`;
    let observable = this.#observables.get(key);
    if (!observable) {
      observable = createObservable(this.#meter, instrument);
      this.#observables.set(key, observable);
    }
    return observable;
  }
}

function recorderOf<E extends object>(meter: Meter, instrument: EventInstrument<E>): Recorder {
  const { value, attributes } = instrument as EventInstrument<object>;
  return { value, attributes, write: writerOf(meter, instrument) };
}

function writerOf<E extends object>(meter: Meter, instrument: EventInstrument<E>): Write {
  const { kind, name } = instrument;
  if (kind === 'histogram') {
    const histogram = meter.createHistogram(name, metricOptions(instrument));
    return (value, attributes) => histogram.record(value, attributes);
  }
  const options = metricOptions(instrument);
  const counter =
    kind === 'counter' ? meter.createCounter(name, options) : meter.createUpDownCounter(name, options);
  return summing((value, attributes) => counter.add(value, attributes));
}

function createObservable(meter: Meter, instrument: ObservedInstrument): Observable {
  const options = metricOptions(instrument);
  return instrument.kind === 'gauge'
    ? meter.createObservableGauge(instrument.name, options)
    : meter.createObservableUpDownCounter(instrument.name, options);
}

interface Described {
  readonly unit: string;
  readonly description?: string | undefined;
  readonly buckets?: readonly number[] | undefined;
}

function metricOptions({ unit, description, buckets }: Described): MetricOptions {
  return {
    unit,
    ...(description !== undefined && { description }),
    ...(buckets && { advice: { explicitBucketBoundaries: [...buckets] } }),
  };
}
