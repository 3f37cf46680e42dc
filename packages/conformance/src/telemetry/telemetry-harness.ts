import type {
  Attributes,
  SpanKind,
  SpanOutcome,
  SpanRelation,
  Telemetry,
  WorkEntity,
} from '@throughline/core';
import type { SuiteOptions } from '../suite/run-suite.ts';
import type { Awaitable } from '../suite/test-function.ts';

/** A span as the sink under test keeps it, in the words of the port. */
export interface ObservedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Absent for a root. */
  readonly parentSpanId?: string | undefined;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly links: readonly ObservedLink[];
  /** In order. */
  readonly events: readonly { readonly name: string; readonly time?: number | undefined }[];
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  /** Milliseconds since the epoch. */
  readonly endTime: number;
  /** Absent for a point that makes no claim. */
  readonly outcome?: SpanOutcome | undefined;
  readonly errorMessage?: string | undefined;
  readonly entity?: WorkEntity | undefined;
}

export interface ObservedLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly relation?: SpanRelation | undefined;
}

/** A value that was measured. */
export interface ObservedMeasurement {
  /** Name of the instrument. */
  readonly name: string;
  readonly value: number;
  readonly attributes: Attributes;
}

/** A telemetry with an empty sink behind it, and a look into that sink. */
export interface TelemetryUnderTest {
  readonly telemetry: Telemetry;
  /** The spans that have ended, after a flush. */
  spans(): Awaitable<readonly ObservedSpan[]>;
  /** What was measured, observed instruments included; needed unless `capabilities.measurements` is `false`. */
  measurements?: (() => Awaitable<readonly ObservedMeasurement[]>) | undefined;
  close?: (() => Awaitable<unknown>) | undefined;
}

/** What a telemetry is not meant to do. Absent means it can. */
export interface TelemetryCapabilities {
  /** It knows what is active in the caller's scope. */
  readonly ambient?: false | undefined;
  /** What is active stays so across `await`. */
  readonly async?: false | undefined;
  /** It takes the identity that it is given. `false` goes with `identity: 'own'`. */
  readonly givenIdentity?: false | undefined;
  readonly measurements?: false | undefined;
  readonly importSpans?: false | undefined;
  /** It records which work a span is about. */
  readonly entities?: false | undefined;
}

/** How the suite gets at a telemetry of yours. */
export interface TelemetryHarness extends SuiteOptions {
  /** Makes a telemetry with an empty sink. */
  open(): Awaitable<TelemetryUnderTest>;
  readonly capabilities?: TelemetryCapabilities | undefined;
}

/** Why a feature is not offered. */
export function lackingTelemetryFeatures(
  capabilities: TelemetryCapabilities,
): Partial<Record<keyof TelemetryCapabilities, string>> {
  const excluded = Object.entries(capabilities).filter(([, value]) => value === false);
  const lacking = excluded.map(([name]) => [name, `capabilities.${name} is false`]);
  if (capabilities.ambient === false) lacking.push(['async', 'capabilities.ambient is false']);
  return Object.fromEntries(lacking);
}
