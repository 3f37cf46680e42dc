import type { TraceContext } from '../trace-context/trace-context.ts';
import type { SpanLink, SpanRelation } from './span.ts';

/**
 * A link to `context`, for {@link SpanOptions.links} and {@link Span.addLink}.
 *
 * @param relation why the one span points at the other
 */
export function createLink(context: TraceContext, relation?: SpanRelation): SpanLink {
  return { context, relation };
}
