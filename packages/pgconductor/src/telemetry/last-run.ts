import type { SpanLink, SpanRelation, Telemetry, TraceContext } from '@throughline/core';
import { carrierOf } from './carrier-text.ts';

/**
 * How the run before ended, as the row remembers it beside the context of its span: it failed, it was suspended or given
 * back, or its worker was gone.
 */
export type LastEnding = 'failed' | 'suspended' | 'lost';

/** The run before this one. */
export interface LastRun {
  readonly ending: LastEnding;
  /** To its span; absent when nobody could tell its context. */
  readonly link: SpanLink | undefined;
  /** For how long it was put off after it failed. */
  readonly backoffMs: number | undefined;
}

const relations: Readonly<Record<LastEnding, SpanRelation>> = {
  failed: 'retry_of',
  suspended: 'continues',
  lost: 'recovered_from',
};

/**
 * Reads what {@link lastTrace} wrote. Total, as anybody may have written the row.
 *
 * @returns `undefined` for a first run
 */
export function lastRunOf(telemetry: Telemetry, last: unknown): LastRun | undefined {
  if (typeof last !== 'object' || last === null) return undefined;
  const ending: unknown = Reflect.get(last, 'ended');
  if (ending !== 'failed' && ending !== 'suspended' && ending !== 'lost') return undefined;
  const isTold = Reflect.get(last, 'traceparent') !== undefined;
  const context = isTold ? telemetry.propagation.extract(last) : undefined;
  const backoffMs: unknown = Reflect.get(last, 'backoffMs');
  return {
    ending,
    link: context && { context, relation: relations[ending] },
    backoffMs: typeof backoffMs === 'number' ? backoffMs : undefined,
  };
}

/** What the row keeps of a run, for the next one: a carrier, how it ended, and how long the next one is put off then. */
export function lastTrace(
  telemetry: Telemetry,
  context: TraceContext,
  ended: LastEnding,
  backoffMs: number | undefined,
): object {
  return { ...carrierOf(telemetry, context), ended, backoffMs };
}
