import type { StoredEntity, StoredLink, TraceEvent } from './trace-event.ts';

/*
 * What the reserved keys of `data` say. Events come out of files and other writers, so these look before they believe.
 */

export function entityOf({ data }: TraceEvent): StoredEntity | undefined {
  const entity = data?.entity as Partial<StoredEntity> | null | undefined;
  return typeof entity?.id === 'string' ? (entity as StoredEntity) : undefined;
}

export function linksOf({ data }: TraceEvent): readonly StoredLink[] {
  const links: unknown = data?.links;
  if (!Array.isArray(links)) return [];
  return links.filter((link: Partial<StoredLink> | null) => typeof link?.trace_id === 'string');
}

/** Error type, error message and span name: what a search for text looks at. */
export function textsOf({ data }: TraceEvent): readonly string[] {
  const texts: readonly unknown[] = [data?.error?.type, data?.error?.message, data?.name];
  return texts.filter((text) => typeof text === 'string');
}

/** The phase of an event: what follows the last colon of its type. */
export function phaseOf({ event_type }: TraceEvent): string {
  return event_type.slice(event_type.lastIndexOf(':') + 1);
}
