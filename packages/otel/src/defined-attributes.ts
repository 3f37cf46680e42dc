import type { Attributes as ApiAttributes } from '@opentelemetry/api';
import type { Attributes } from '@throughline/core';

const cleaned = new WeakMap<Attributes, ApiAttributes>();

/**
 * The attributes without those that are `undefined`.
 *
 * The SDK skips `undefined` on a span but keeps it on span events, links and measurements, where it is exported as an
 * empty value. Answers with the same object when nothing is missing, and with the same copy for the same frozen object.
 */
export function definedAttributes(attributes: Attributes): ApiAttributes {
  for (const key in attributes) {
    if (attributes[key] === undefined) return copyOf(attributes);
  }
  return asApiAttributes(attributes);
}

/** The port's arrays are read-only and the API's are not; the SDK copies arrays and never writes to them. */
export function asApiAttributes(attributes: Attributes): ApiAttributes {
  return attributes as ApiAttributes;
}

function copyOf(attributes: Attributes): ApiAttributes {
  const known = cleaned.get(attributes);
  if (known) return known;
  const defined = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const copy = Object.freeze(Object.fromEntries(defined)) as ApiAttributes;
  if (Object.isFrozen(attributes)) cleaned.set(attributes, copy);
  return copy;
}
