import type { StoredEntity, StoredLink, TraceEvent } from './trace-event.ts';

/*
 * What the reserved keys of `data` say. Events come out of files and other writers, so these look before they believe.
 */

/**
 * The work that an event is about, when it says so: what `queue` and `entityId` of a query look at.
 *
 * @example
 * ```ts
 * import { entityOf, type TraceEvent } from '@throughline/core/events';
 *
 * declare const event: TraceEvent;
 * entityOf(event)?.queue; // 'mail'
 * ```
 */
export function entityOf({ data }: TraceEvent): StoredEntity | undefined {
  const entity = data?.entity as Partial<StoredEntity> | null | undefined;
  return typeof entity?.id === 'string' ? (entity as StoredEntity) : undefined;
}

/**
 * The spans that an event links to: what `linkedTo` of a query looks at.
 *
 * @example
 * ```ts
 * import { linksOf, type TraceEvent } from '@throughline/core/events';
 *
 * declare const event: TraceEvent;
 * linksOf(event).map(({ trace_id }) => trace_id);
 * ```
 */
export function linksOf({ data }: TraceEvent): readonly StoredLink[] {
  const links: unknown = data?.links;
  if (!Array.isArray(links)) return [];
  return links.filter((link: Partial<StoredLink> | null) => typeof link?.trace_id === 'string');
}

/**
 * Error type, error message and span name, as far as the event has them: what `text` of a query looks at.
 *
 * @example
 * ```ts
 * import { textsOf, type TraceEvent } from '@throughline/core/events';
 *
 * declare const event: TraceEvent;
 * textsOf(event); // ['Error', 'Insufficient funds', 'fund']
 * ```
 */
export function textsOf({ data }: TraceEvent): readonly string[] {
  const texts: readonly unknown[] = [data?.error?.type, data?.error?.message, data?.name];
  return texts.filter((text) => typeof text === 'string');
}

/** The phase of an event: what follows the last colon of its type. */
export function phaseOf({ event_type }: TraceEvent): string {
  return event_type.slice(event_type.lastIndexOf(':') + 1);
}

/** What is unfinished after an event, as far as that event tells; `undefined`: it does not. */
export interface Unfinished {
  /** Whether its span is. */
  readonly span?: boolean;
  /** Whether the work is that it is about: an attempt that ended may be followed by another. */
  readonly entity?: boolean;
}

const otherPhase: Unfinished = { entity: false };
const unfinishedByPhase: ReadonlyMap<string, Unfinished> = /* @__PURE__ */ new Map([
  ['queued', {}],
  ['started', { span: true, entity: false }],
  ['progress', { span: true, entity: false }],
  ['completed', { span: false, entity: false }],
  ['canceled', { span: false, entity: false }],
  ['stalled', { span: false, entity: false }],
  ['retrying', { span: false, entity: true }],
  ['suspended', { span: false, entity: true }],
]);

/**
 * What an event says of whether work goes on: what makes a trace `open`, in the order of time. For stores that keep an index
 * of it; `summarizeTrace` decides.
 *
 * @example
 * ```ts
 * import { type TraceEvent, unfinishedAfter } from '@throughline/core/events';
 *
 * declare const event: TraceEvent;
 * unfinishedAfter(event).span; // true after `job:started`
 * ```
 */
export function unfinishedAfter(event: TraceEvent): Unfinished {
  return unfinishedByPhase.get(phaseOf(event)) ?? otherPhase;
}
