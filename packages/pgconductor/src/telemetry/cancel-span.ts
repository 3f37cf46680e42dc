import { ATTR_PGCONDUCTOR_CANCEL, ATTR_PGCONDUCTOR_EXECUTION_ID } from './attribute-names.ts';
import type { EngineTelemetry } from './engine-telemetry.ts';
import { system } from './traced-task.ts';

/** Cancels an execution inside a `cancel` span, which says what came of it: `canceled`, `canceling`, `finished`, `unknown`. */
export async function withCancelSpan(
  { port, tellable }: EngineTelemetry,
  id: string,
  cancel: () => Promise<string>,
): Promise<string> {
  const span = port.startSpan('cancel', {
    kind: 'client',
    eventType: 'task:cancel_requested',
    entity: { system, id },
    attributes: { [ATTR_PGCONDUCTOR_EXECUTION_ID]: id },
  });
  try {
    const answer = await cancel();
    span.end({ outcome: 'ok', attributes: { [ATTR_PGCONDUCTOR_CANCEL]: answer } });
    return answer;
  } catch (error) {
    span.end({ outcome: 'error', error: tellable(error) });
    throw error;
  }
}
