import {
  type Context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { type Carrier, type Propagation, type TraceContext, w3cPropagation } from '@throughline/core';
import { layered } from './layered-context.ts';
import { headerGetter, propagatedHeaders } from './propagated-headers.ts';
import { toSpanContext, toTraceContext } from './span-context.ts';

/** Whose words go into a carrier. */
export type PropagatorChoice = 'global' | 'w3c' | TextMapPropagator;

/** Empty, and cheaper to set a span in than the API's own. */
const root: Context = layered(ROOT_CONTEXT);

type PropagatorCalls = Pick<TextMapPropagator, 'inject' | 'extract'>;

/** The port's propagation by the chosen propagator. */
export function createPropagation(choice: PropagatorChoice): Propagation {
  if (choice === 'w3c') return w3cPropagation;
  if (choice !== 'global') return propagationBy(choice);
  return globalOrW3c(propagationBy(propagation));
}

/** What a carrier of ours has under these names is defined by the W3C, whoever reads or writes it. */
const w3cFields: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage']);

/**
 * The API cannot be asked which propagator is registered, but only for its fields. The no-op has none; one that has the
 * fields of the W3C and no other would write what ours writes in a fifth of the time. Baggage is in no context of ours.
 */
function globalOrW3c(global: Propagation): Propagation {
  const registered = (): Propagation =>
    propagation.fields().every((field) => w3cFields.has(field)) ? w3cPropagation : global;
  return {
    inject: (context, carrier) => registered().inject(context, carrier),
    extract: (carrier) => registered().extract(carrier),
  };
}

function propagationBy(propagator: PropagatorCalls): Propagation {
  return {
    inject: (context, carrier) => inject(propagator, context, carrier),
    extract: (carrier) => extract(propagator, carrier),
  };
}

/**
 * Injects from the root, not from the active context, so that baggage stays in the process. An earlier context's
 * tracestate goes: propagators only ever add.
 */
function inject(propagator: PropagatorCalls, context: TraceContext, carrier: Carrier): void {
  const spanContext = toSpanContext(context);
  if (!isSpanContextValid(spanContext)) return;
  if (carrier.tracestate !== undefined) delete carrier.tracestate;
  propagator.inject(trace.setSpanContext(root, spanContext), carrier, carrierSetter);
}

function extract(propagator: PropagatorCalls, carrier: unknown): TraceContext | undefined {
  try {
    const headers = propagatedHeaders(carrier);
    const extracted = headers && trace.getSpanContext(propagator.extract(root, headers, headerGetter));
    return extracted && isSpanContextValid(extracted) ? arrived(extracted) : undefined;
  } catch {
    // Whatever is wrong with a carrier that somebody else wrote, the work that brought it goes on.
    return undefined;
  }
}

/** Propagators may keep capital hex digits, which would be malformed on the wire of the next hop. */
function arrived({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  return toTraceContext({
    traceId: traceId.toLowerCase(),
    spanId: spanId.toLowerCase(),
    traceFlags,
    isRemote: true,
    ...(traceState && { traceState }),
  });
}

const carrierSetter: TextMapSetter<Carrier> = {
  set(carrier, name, value) {
    (carrier as Record<string, string>)[name] = value;
  },
};
