import { demandOption, demandOptions, OptionInvalidError } from '@throughline/core';
import { demandName } from '../options/demand-name.ts';
import { isPlainObject } from '../options/option-checks.ts';
import { type CronSchedule, resolveCron } from '../schedule/cron.ts';
import { invokeEventName } from './task-event.ts';
import type { CronTrigger, EventTriggerOf, InvocableTrigger, RowOperation, RowTriggerOf } from './trigger.ts';

/** A trigger, checked. `eventName` is the `event.name` that its handler gets; unique within a task. */
export type ResolvedTrigger =
  | { readonly kind: 'invoke'; readonly eventName: string }
  | { readonly kind: 'cron'; readonly eventName: string; readonly schedule: CronSchedule }
  | {
      readonly kind: 'event';
      readonly eventName: string;
      readonly when: string | undefined;
      readonly fields: readonly string[] | undefined;
    }
  | {
      readonly kind: 'row';
      readonly eventName: string;
      readonly schema: string;
      readonly table: string;
      readonly operation: RowOperation;
      readonly when: string | undefined;
      readonly columns: readonly string[] | undefined;
    };

/** Any of them, as it was given. */
export type AnyTrigger =
  | InvocableTrigger
  | CronTrigger
  | EventTriggerOf<string, string>
  | RowTriggerOf<string, string, string>;

const aTrigger = '{ invocable: true }, { cron, name }, { event } or { schema, table, operation }';
const operations: readonly unknown[] = ['insert', 'update', 'delete'];
/** PostgreSQL silently cuts longer ones. */
const maxIdentifierBytes = 63;
const maxConditionLength = 10_000;

/**
 * Checks the triggers of a task.
 *
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for none at all, for what is no trigger, and for two that a
 * handler could not tell apart
 */
export function resolveTriggers(given: AnyTrigger | readonly AnyTrigger[]): readonly ResolvedTrigger[] {
  const list = isList(given) ? given : [given];
  demandOption(list.length > 0, 'createTask.triggers', given, `at least one of ${aTrigger}`);
  const resolved = list.map((trigger, index) => resolveTrigger(pathOf(given, index), trigger));
  demandDistinct(resolved);
  return Object.freeze(resolved);
}

function isList(given: AnyTrigger | readonly AnyTrigger[]): given is readonly AnyTrigger[] {
  return Array.isArray(given);
}

function pathOf(given: AnyTrigger | readonly AnyTrigger[], index: number): string {
  return isList(given) ? `createTask.triggers[${index}]` : 'createTask.trigger';
}

function resolveTrigger(path: string, trigger: AnyTrigger): ResolvedTrigger {
  demandOption(isPlainObject(trigger), path, trigger, aTrigger);
  if ('invocable' in trigger) return resolveInvocable(path, trigger);
  if ('cron' in trigger) return resolveCronTrigger(path, trigger);
  if ('event' in trigger) return resolveEventTrigger(path, trigger);
  if ('table' in trigger) return resolveRowTrigger(path, trigger);
  throw new OptionInvalidError(path, trigger, aTrigger);
}

function resolveInvocable(path: string, trigger: InvocableTrigger): ResolvedTrigger {
  demandOptions(path, trigger, { invocable: true });
  demandOption(
    trigger.invocable === true,
    `${path}.invocable`,
    trigger.invocable,
    'true, or leave the trigger out',
  );
  return Object.freeze({ kind: 'invoke', eventName: invokeEventName });
}

function resolveCronTrigger(path: string, trigger: CronTrigger): ResolvedTrigger {
  demandOptions(path, trigger, { cron: true, name: true, timeZone: true });
  const { cron, name, timeZone } = trigger;
  demandEventName(`${path}.name`, name);
  return Object.freeze({ kind: 'cron', eventName: name, schedule: resolveCron(path, cron, timeZone) });
}

function resolveEventTrigger(path: string, trigger: EventTriggerOf<string, string>): ResolvedTrigger {
  demandOptions(path, trigger, { event: true, when: true, fields: true });
  const { event, when, fields } = trigger;
  demandEventName(`${path}.event`, event);
  demandCondition(`${path}.when`, when);
  demandNames(`${path}.fields`, fields);
  return Object.freeze({
    kind: 'event',
    eventName: event,
    when,
    fields: fields && Object.freeze([...fields]),
  });
}

function resolveRowTrigger(path: string, trigger: RowTriggerOf<string, string, string>): ResolvedTrigger {
  demandOptions(path, trigger, { schema: true, table: true, operation: true, when: true, columns: true });
  const { schema, table, operation, when, columns } = trigger;
  demandIdentifier(`${path}.schema`, schema);
  demandIdentifier(`${path}.table`, table);
  demandOption(operations.includes(operation), `${path}.operation`, operation, operations.join(', '));
  demandCondition(`${path}.when`, when);
  demandNames(`${path}.columns`, columns);
  for (const [index, column] of (columns ?? []).entries())
    demandIdentifier(`${path}.columns[${index}]`, column);
  return Object.freeze({
    kind: 'row',
    eventName: `${schema}.${table}.${operation}`,
    schema,
    table,
    operation,
    when,
    columns: columns && Object.freeze([...columns]),
  });
}

function demandEventName(path: string, name: unknown): void {
  demandName(path, name);
  demandOption(name !== invokeEventName, path, name, 'another name: by this one handlers tell an invocation');
}

function demandCondition(path: string, when: unknown): void {
  const isText = typeof when === 'string' && when.trim() !== '' && when.length <= maxConditionLength;
  const isCondition = isText && !when.includes('\0');
  demandOption(when === undefined || isCondition, path, when, 'a condition in SQL, or nothing');
}

function demandNames(path: string, names: unknown): void {
  if (names === undefined) return;
  const isList = Array.isArray(names) && names.length > 0;
  demandOption(isList, path, names, 'a list of at least one name, or nothing');
  for (const [index, name] of (names as readonly unknown[]).entries()) demandName(`${path}[${index}]`, name);
}

/** Quotes, dots and capitals are fine: identifiers are always quoted. */
function demandIdentifier(path: string, name: unknown): void {
  demandName(path, name);
  const isShort = new TextEncoder().encode(name as string).length <= maxIdentifierBytes;
  demandOption(isShort, path, name, `a name of at most ${maxIdentifierBytes} bytes, as PostgreSQL keeps it`);
}

function demandDistinct(triggers: readonly ResolvedTrigger[]): void {
  const names = new Set<string>();
  for (const { eventName } of triggers) {
    const another = 'triggers of different names: by `event.name` the handler tells them apart';
    demandOption(!names.has(eventName), 'createTask.triggers', eventName, another);
    names.add(eventName);
  }
}
