import type { SpanRelation } from '../telemetry/span.ts';

const relations: Readonly<Record<SpanRelation, true>> = {
  produced_by: true,
  retry_of: true,
  recovered_from: true,
  waits_for: true,
  scheduled_by: true,
  batch: true,
  compensates: true,
  continues: true,
};

/** Whether a link's relation is one of ours. */
export function isRelation(word: unknown): word is SpanRelation {
  return typeof word === 'string' && Object.hasOwn(relations, word);
}
