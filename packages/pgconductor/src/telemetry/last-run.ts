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
  return { ending, link: context && { context, relation: relations[ending] } };
}

/** What the row keeps of a run, for the next one: a carrier, and how it ended. */
export function lastTrace(telemetry: Telemetry, context: TraceContext, ended: LastEnding): object {
  return { ...carrierOf(telemetry, context), ended };
}
