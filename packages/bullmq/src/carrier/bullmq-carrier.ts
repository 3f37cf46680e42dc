import {
  demandOption,
  demandOptions,
  formatCarrier,
  isRelation,
  type Relation,
  type TraceContext,
} from '@throughline/core';

/** What a carrier says beside its context. */
export interface BullmqCarrierOptions {
  /**
   * Whether the consumer continues the trace of the context, or links to it. Its own setting, when it is not `auto`, wins.
   *
   * @default 'auto': the consumer decides
   */
  readonly relation?: Relation | undefined;
}

/**
 * The job option `telemetry` that makes a job continue `context`: for producers that know their context better than
 * what is active, and for those that add jobs without this package.
 *
 * @param context that of a telemetry which is off gives a carrier that consumers treat as absent
 * @param options what the carrier says beside its context
 * @returns a value for `opts.telemetry`; it is kept as it is by everyone who adds the job
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for what is no context, a relation that is none, and
 * an option that does not exist
 * @example
 * ```ts
 * import { bullmqCarrier, currentJobTrace } from '@throughline/bullmq';
 * import { type Job, Queue } from 'bullmq';
 *
 * const invoices = new Queue('invoices', { connection: { host: '127.0.0.1', port: 6379 } });
 *
 * export async function process(job: Job): Promise<void> {
 *   const context = currentJobTrace(job);
 *   await invoices.add('create', {}, context ? { telemetry: bullmqCarrier(context) } : {});
 * }
 * ```
 */
export function bullmqCarrier(
  context: TraceContext,
  options: BullmqCarrierOptions = {},
): { metadata: string } {
  const isContext = typeof context?.traceId === 'string' && typeof context.spanId === 'string';
  demandOption(
    isContext,
    'bullmqCarrier.context',
    context,
    'a TraceContext, that of currentJobTrace() for example',
  );
  demandOptions('bullmqCarrier', options, { relation: true });
  const { relation = 'auto' } = options;
  demandOption(isRelation(relation), 'bullmqCarrier.relation', relation, "'parent', 'link' or 'auto'");
  return { metadata: formatCarrier(context, relation === 'auto' ? undefined : relation) };
}
