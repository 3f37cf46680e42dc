import { type Propagation, w3cPropagation } from '@throughline/core';

/** A propagation that is wrong in one way, and the one case that must find it out. */
export interface PropagationSaboteur {
  readonly wrong: string;
  readonly fails: string;
  readonly propagation: Propagation;
}

const { inject, extract } = w3cPropagation;

/** Sound but for `inject`. */
function injecting(wrong: string, fails: string, broken: Propagation['inject']): PropagationSaboteur {
  return { wrong, fails, propagation: { inject: broken, extract } };
}

/** Sound but for `extract`. */
function extracting(wrong: string, fails: string, broken: Propagation['extract']): PropagationSaboteur {
  return { wrong, fails, propagation: { inject, extract: broken } };
}

/** An own field, looked at without touching what is hostile. */
function fieldOf(carrier: unknown, name: string | number): unknown {
  try {
    return Object.getOwnPropertyDescriptor(carrier, name)?.value;
  } catch {
    return undefined;
  }
}

/** The first entry of a list, looked at in the same way. */
function firstOf(carrier: unknown): unknown {
  return fieldOf(carrier, 'length') === undefined ? undefined : fieldOf(carrier, 0);
}

function prototypeOf(carrier: unknown): unknown {
  try {
    return Object.getPrototypeOf(carrier);
  } catch {
    return undefined;
  }
}

export const propagationSaboteurs: readonly PropagationSaboteur[] = [
  injecting('writes a version of its own', '1a', (context, carrier) => {
    inject(context, carrier);
    if (carrier.traceparent) carrier.traceparent = `01${carrier.traceparent.slice(2)}`;
  }),
  injecting('writes flags that it does not know', '1b', (context, carrier) => {
    inject(context, carrier);
    if (context.traceFlags > 3)
      carrier.traceparent = `${carrier.traceparent?.slice(0, -2)}${context.traceFlags.toString(16).slice(-2)}`;
  }),
  injecting('knows no keys of systems with several tenants', '2a', (context, carrier) => {
    inject(context.traceState?.includes('@') ? { ...context, traceState: undefined } : context, carrier);
  }),
  injecting('leaves the tracestate of an earlier context', '2b', (context, carrier) => {
    const { tracestate } = carrier;
    inject(context, carrier);
    carrier.tracestate ??= tracestate;
    if (carrier.tracestate === undefined) delete carrier.tracestate;
  }),
  injecting('empties the carrier first', '3', (context, carrier) => {
    for (const key of Object.keys(carrier)) Reflect.deleteProperty(carrier, key);
    inject(context, carrier);
  }),
  injecting('writes the context of a span without identity', '4', (context, carrier) => {
    inject(context, carrier);
    if (!carrier.traceparent) carrier.traceparent = `00-${context.traceId}-${context.spanId}-00`;
  }),
  extracting('takes what it extracts for its own', '5a', (carrier) => {
    const context = extract(carrier);
    return context && { ...context, isRemote: undefined };
  }),
  extracting('carries a tracestate of 256 characters', '5b', (carrier) => {
    const context = extract(carrier);
    const isLong = (context?.traceState?.length ?? 0) > 256;
    return context && isLong ? { ...context, traceState: undefined } : context;
  }),
  extracting('reads no tracestate from a plain carrier that has no other field', '6a', (carrier) => {
    const context = extract(carrier);
    return fieldOf(carrier, 'tracestate') === 'a=1' && context
      ? { ...context, traceState: undefined }
      : context;
  }),
  extracting('reads no text', '6b', (carrier) =>
    typeof carrier === 'string' ? undefined : extract(carrier),
  ),
  extracting('looks names up by their case', '6c', (carrier) =>
    fieldOf(carrier, 'Traceparent') === undefined ? extract(carrier) : undefined,
  ),
  extracting('reads no lists of values', '6d', (carrier) =>
    Array.isArray(fieldOf(carrier, 'traceparent')) ? undefined : extract(carrier),
  ),
  extracting('reads no pairs', '6e', (carrier) =>
    Array.isArray(firstOf(carrier)) && fieldOf(firstOf(carrier), 0) === 'TraceParent'
      ? undefined
      : extract(carrier),
  ),
  extracting('reads no raw headers', '6f', (carrier) =>
    firstOf(carrier) === 'TraceParent' ? undefined : extract(carrier),
  ),
  extracting('believes an id of zeros', '7a', (carrier) => {
    const traceparent = fieldOf(carrier, 'traceparent');
    const isZero =
      typeof traceparent === 'string' && traceparent.length === 55 && traceparent.includes('0'.repeat(32));
    return isZero
      ? { traceId: '0'.repeat(32), spanId: traceparent.slice(36, 52), traceFlags: 1 }
      : extract(carrier);
  }),
  extracting('believes the first of several', '7b', (carrier) => {
    const traceparent = fieldOf(carrier, 'traceparent');
    return Array.isArray(traceparent) && traceparent.length === 2
      ? extract({ traceparent: traceparent[0] })
      : extract(carrier);
  }),
  extracting('believes what a carrier inherits', '7c', (carrier) => {
    const inherited = fieldOf(prototypeOf(carrier), 'traceparent');
    return inherited === undefined ? extract(carrier) : extract({ traceparent: inherited });
  }),
  extracting('reads version 00 only', '8a', (carrier) => {
    const traceparent = fieldOf(carrier, 'traceparent');
    return typeof traceparent === 'string' && !traceparent.startsWith('00') ? undefined : extract(carrier);
  }),
  extracting('keeps flags that it does not know', '8b', (carrier) => {
    const traceparent = fieldOf(carrier, 'traceparent');
    const context = extract(carrier);
    return context && typeof traceparent === 'string'
      ? { ...context, traceFlags: Number.parseInt(traceparent.slice(53, 55), 16) }
      : context;
  }),
  extracting('believes nothing beside a tracestate that is malformed', '9', (carrier) => {
    const tracestate = fieldOf(carrier, 'tracestate');
    const context = extract(carrier);
    return typeof tracestate === 'string' && !context?.traceState ? undefined : context;
  }),
  extracting('fails at a getter that throws', '10a', (carrier) => {
    if (typeof carrier === 'object' && carrier !== null) Reflect.get(carrier, 'baggage');
    return extract(carrier);
  }),
  extracting('parses any text that looks like JSON', '10b', (carrier) => {
    if (typeof carrier === 'string' && carrier.startsWith('{"traceparent') && carrier.length < 200)
      JSON.parse(carrier);
    return extract(carrier);
  }),
  extracting('trims what it reads, in place', '10c', (carrier) => {
    const context = extract(carrier);
    if (context?.traceState && typeof fieldOf(carrier, 'tracestate') === 'string')
      Reflect.set(carrier as object, 'tracestate', context.traceState);
    return context;
  }),
];
