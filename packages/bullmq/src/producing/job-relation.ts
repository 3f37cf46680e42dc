import { isRelation, OptionInvalidError, type Relation } from '@throughline/core';

/** Registered, so that two copies of this package understand each other. BullMQ does not store symbols. */
const key: unique symbol = Symbol.for('throughline.bullmq.relation.v1') as never;

/** The relation of one job, for its option `telemetry`. BullMQ sees nothing in it. */
interface JobRelation {
  metadata?: string;
  omitContext?: boolean;
}

/**
 * The job option `telemetry` that says how the `process` span of this one job stands to its `send` span, whatever the
 * setting of the queue. The drop-in `Queue` and `FlowProducer` put the carrier into it; to others it says nothing. The
 * setting of the worker, when it is not `auto`, still wins.
 *
 * @returns for `opts.telemetry` of a job or of a node of a flow
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for anything but `'parent'`, `'link'` and `'auto'`
 * @example
 * ```ts
 * import { jobRelation, Queue } from '@throughline/bullmq';
 *
 * const queue = new Queue('reports', { connection: { host: '127.0.0.1', port: 6379 } });
 * await queue.add('yearly', { year: 2026 }, { telemetry: jobRelation('link') });
 * await queue.close();
 * ```
 */
export function jobRelation(relation: Relation): JobRelation {
  if (!isRelation(relation))
    throw new OptionInvalidError('jobRelation.relation', relation, "'parent', 'link' or 'auto'");
  const options: JobRelation & { readonly [key]: Relation } = { [key]: relation };
  return options;
}

/** What {@link jobRelation} said; `undefined` for other options. */
export function ownRelationOf(telemetryOptions: object | undefined): Relation | undefined {
  const relation: unknown = (telemetryOptions as { readonly [key]?: unknown } | undefined)?.[key];
  return isRelation(relation) ? relation : undefined;
}
