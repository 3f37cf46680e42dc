import { isValidTraceContext, type TraceContext } from '@throughline/core';
import { ATTR_PGCONDUCTOR_EVENT } from './attribute-names.ts';
import { carrierText } from './carrier-text.ts';
import type { EngineTelemetry } from './engine-telemetry.ts';

/**
 * Emits an event inside an `emit {event}` span, whose context it carries to what it triggers.
 *
 * @param parent where nothing is active
 */
export async function withEmitSpan<Answer>(
  { port, tellable }: EngineTelemetry,
  event: string,
  parent: TraceContext | undefined,
  emit: (carrier: string | undefined) => Promise<Answer>,
): Promise<Answer> {
  const span = port.startSpan(`emit ${event}`, {
    kind: 'producer',
    parent: port.activeContext() ?? (isValidTraceContext(parent) ? parent : undefined),
    eventType: 'event:emitted',
    attributes: { [ATTR_PGCONDUCTOR_EVENT]: event },
  });
  try {
    const answer = await emit(carrierText(port, span.context));
    span.end({ outcome: 'ok' });
    return answer;
  } catch (error) {
    span.end({ outcome: 'error', error: tellable(error) });
    throw error;
  }
}
