import { ATTR_PGCONDUCTOR_CANCEL, ATTR_PGCONDUCTOR_EXECUTION_ID } from './attribute-names.ts';
import type { EngineTelemetry } from './engine-telemetry.ts';
import { type NotedEnding, tellNotedEndings } from './noted-ending.ts';

/**
 * Cancels an execution inside a `cancel` span, which says what came of it: `canceled`, `canceling`, `finished`, `unknown`.
 * What waited has no run that could tell its end, so that is told here, too.
 *
 * @param cancel answers `{ answer, endings }` as JSON
 * @param forget told of the executions whose end has been told
 */
export async function withCancelSpan(
  telemetry: EngineTelemetry,
  id: string,
  cancel: () => Promise<string>,
  forget: (told: readonly number[]) => Promise<unknown>,
): Promise<string> {
  const { port, tellable } = telemetry;
  const span = port.startSpan('cancel', {
    kind: 'client',
    eventType: 'task:cancel_requested',
    attributes: { [ATTR_PGCONDUCTOR_EXECUTION_ID]: id },
  });
  try {
    const { answer, endings }: CancelAnswer = JSON.parse(await cancel());
    tellNotedEndings(telemetry, endings, span.context);
    // Nobody waits for it: who cannot say so has others tell of it once more.
    if (endings.length > 0) forget(endings.map(([, ending]) => ending.id)).catch(() => {});
    span.end({ outcome: 'ok', attributes: { [ATTR_PGCONDUCTOR_CANCEL]: answer } });
    return answer;
  } catch (error) {
    span.end({ outcome: 'error', error: tellable(error) });
    throw error;
  }
}

interface CancelAnswer {
  readonly answer: string;
  readonly endings: readonly NotedEnding[];
}
