import { demandOption, demandOptions } from '@throughline/core';
import { jsonText } from '../database/json-text.ts';
import { demandName } from '../options/demand-name.ts';
import { isPlainObject, isWhole } from '../options/option-checks.ts';
import { PayloadInvalidError } from '../task/payload-invalid-error.ts';
import { validatePayload } from '../task/validate-payload.ts';
import { demandGoing } from './durable-run.ts';
import type { Execution } from './execution.ts';
import type { KeptStep } from './kept-step.ts';
import { WaitTimeoutError } from './wait-timeout-error.ts';

/** What is waited for, whatever types the handler knows it by. */
export interface AwaitedEvent {
  readonly event: string;
  readonly matching?: object | undefined;
  readonly timeoutMs?: number | undefined;
}

const known = { event: true, matching: true, timeoutMs: true } as const satisfies Record<
  keyof AwaitedEvent,
  true
>;
const longestMs = 9e12;

/** Gives the payload of the event that came, and suspends the run until one has. */
export async function waitForEvent(
  execution: Execution,
  name: string,
  awaited: AwaitedEvent,
): Promise<unknown> {
  demandName('waitForEvent.name', name);
  demandAwaited(awaited);
  const { durable } = execution;
  durable.demandNoStep(`the event ${JSON.stringify(name)}`);
  const kept = durable.use(name, 'event');
  if (kept !== undefined && kept.outcome !== null) return payloadOf(execution, name, awaited, kept);
  return durable.begin(name, async () => {
    const fields = kept === undefined ? waitFields(name, awaited, execution.host.maxPayloadBytes) : undefined;
    await demandGoing(execution);
    // Before the run is suspended: an event that comes meanwhile counts.
    if (fields !== undefined) await durable.work(() => execution.host.steps.save(execution, fields));
    return durable.wait({ key: name, kind: 'event', known: true });
  });
}

/** Of its row, as it was asked for: the handler may change its object. */
function waitFields(name: string, { event, matching, timeoutMs }: AwaitedEvent, maxBytes: number): string {
  const fields = JSON.stringify({ key: name, event, timeoutMs }).slice(1, -1);
  if (matching === undefined) return fields;
  return `${fields},"matching":${jsonText('waitForEvent.matching', matching, maxBytes).text}`;
}

async function payloadOf(
  { host }: Execution,
  name: string,
  { event }: AwaitedEvent,
  { outcome, value }: KeptStep,
): Promise<unknown> {
  if (outcome === 'timeout') throw new WaitTimeoutError(name, `event ${JSON.stringify(event)}`);
  const schema = host.catalog.events.find((one) => one.name === event)?.payload;
  const validation = await validatePayload(schema, value);
  if (!validation.isValid) throw new PayloadInvalidError('event', event, validation.issues);
  return validation.value;
}

function demandAwaited(awaited: AwaitedEvent): void {
  demandOptions('waitForEvent', awaited, known);
  const { event, matching, timeoutMs } = awaited;
  demandName('waitForEvent.event', event);
  demandOption(
    matching === undefined || isPlainObject(matching),
    'waitForEvent.matching',
    matching,
    'an object that the payload must contain',
  );
  demandOption(
    timeoutMs === undefined || isWhole(timeoutMs, 1, longestMs),
    'waitForEvent.timeoutMs',
    timeoutMs,
    `whole milliseconds from 1 to ${longestMs}`,
  );
}
