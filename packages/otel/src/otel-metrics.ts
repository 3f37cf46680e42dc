import type { Meter, ObservableCallback } from '@opentelemetry/api';
import type { ObservedInstrument, ObservedReader, TelemetryEventKind } from '@throughline/core';
import { definedAttributes } from './defined-attributes.ts';
import { MeterInstruments, type Observation } from './meter-instruments.ts';
import { type MeterSource, noMeter } from './meter-source.ts';

/** How often a process that only observes looks whether a meter provider has been registered. */
const LOOK_FOR_A_METER_MS = 1_000;

/**
 * The metrics of one telemetry, on whichever meter is registered.
 *
 * A measurement looks for the current meter itself. Readers are only ever called back, so while there are any a timer
 * looks in their place; it does not hold the process open.
 */
export class OtelMetrics {
  #source: MeterSource;
  #meter: Meter | undefined;
  #instruments: MeterInstruments | undefined;
  #timer: unknown;
  readonly #observations = new Set<Observation>();

  constructor(source: MeterSource) {
    this.#source = source;
  }

  emit<E extends object>(kind: TelemetryEventKind<E>, event: E): void {
    this.#current()?.record(kind, event);
  }

  isRegistered(): boolean {
    return this.#current() !== undefined;
  }

  observe(instrument: ObservedInstrument, read: ObservedReader): () => void {
    const observation = { instrument, callback: callbackOf(read) };
    this.#current()?.attach(observation);
    this.#observations.add(observation);
    this.#lookForMeters();
    return () => this.#forget(observation);
  }

  /** Takes every reader back. Nothing is measured from now on. */
  stop(): void {
    this.#source = noMeter;
    this.#current();
    this.#observations.clear();
    this.#lookForMeters();
  }

  #forget(observation: Observation): void {
    if (!this.#observations.delete(observation)) return;
    this.#instruments?.detach(observation);
    this.#lookForMeters();
  }

  #current(): MeterInstruments | undefined {
    const meter = this.#source.current();
    if (meter !== this.#meter) this.#adopt(meter);
    return this.#instruments;
  }

  #adopt(meter: Meter | undefined): void {
    for (const observation of this.#observations) this.#instruments?.detach(observation);
    this.#meter = meter;
    this.#instruments = meter && new MeterInstruments(meter);
    for (const observation of this.#observations) this.#instruments?.attach(observation);
  }

  #lookForMeters(): void {
    const needed = this.#source.changes && this.#observations.size > 0;
    if (needed && this.#timer === undefined) {
      this.#timer = setInterval(() => this.#current(), LOOK_FOR_A_METER_MS);
      (this.#timer as { unref?: () => void }).unref?.();
    } else if (!needed && this.#timer !== undefined) {
      clearInterval(this.#timer as number);
      this.#timer = undefined;
    }
  }
}

function callbackOf(read: ObservedReader): ObservableCallback {
  return (result) =>
    read((value, attributes) => {
      if (!Number.isFinite(value)) return;
      result.observe(value, attributes && definedAttributes(attributes));
    });
}
