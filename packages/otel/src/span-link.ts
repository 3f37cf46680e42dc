import { isSpanContextValid, type Link } from '@opentelemetry/api';
import { ATTR_THROUGHLINE_RELATION, type SpanLink } from '@throughline/core';
import { definedAttributes } from './defined-attributes.ts';
import { toSpanContext } from './span-context.ts';

/** The link in OpenTelemetry's shape, its relation as an attribute; `undefined` when it points nowhere. */
export function toApiLink({ context, relation, attributes }: SpanLink): Link | undefined {
  const spanContext = toSpanContext(context);
  if (!isSpanContextValid(spanContext)) return undefined;
  if (attributes === undefined && relation === undefined) return { context: spanContext };
  if (attributes === undefined)
    return { context: spanContext, attributes: { [ATTR_THROUGHLINE_RELATION]: relation } };
  return {
    context: spanContext,
    attributes: definedAttributes({ ...attributes, [ATTR_THROUGHLINE_RELATION]: relation }),
  };
}

/** Those of the links that point somewhere. */
export function toApiLinks(links: readonly SpanLink[]): Link[] {
  return links.map(toApiLink).filter((link) => link !== undefined);
}
