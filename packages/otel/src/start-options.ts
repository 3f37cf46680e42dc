import { SpanKind as ApiSpanKind, type SpanOptions as ApiSpanOptions } from '@opentelemetry/api';
import type { SpanKind, SpanOptions } from '@throughline/core';
import { asApiAttributes } from './defined-attributes.ts';
import { toApiLinks } from './span-link.ts';

const apiKinds: Readonly<Record<SpanKind, ApiSpanKind>> = {
  internal: ApiSpanKind.INTERNAL,
  producer: ApiSpanKind.PRODUCER,
  consumer: ApiSpanKind.CONSUMER,
  client: ApiSpanKind.CLIENT,
  server: ApiSpanKind.SERVER,
};

/**
 * What the API is told when a span starts. Attributes and links go along, because a sampler sees nothing else.
 *
 * @param startTime the start to state; `undefined` leaves it to the SDK's clock
 */
export function startOptions(options: SpanOptions, startTime: number | undefined): ApiSpanOptions {
  const start: ApiSpanOptions = { kind: kindOf(options) };
  if (options.attributes) start.attributes = asApiAttributes(options.attributes);
  if (options.links && options.links.length > 0) start.links = toApiLinks(options.links);
  if (options.parent === null) start.root = true;
  if (startTime !== undefined) start.startTime = startTime;
  return start;
}

/** A point is INTERNAL, whatever it says. */
function kindOf({ kind = 'internal', eventType }: SpanOptions): ApiSpanKind {
  return eventType === undefined ? apiKinds[kind] : ApiSpanKind.INTERNAL;
}
