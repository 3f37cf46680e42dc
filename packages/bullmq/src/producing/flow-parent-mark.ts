import type { ObservedJob, ObservedJobOptions } from '../job/observed-job.ts';

// A job does not say that it waited for children. The producer of the flow knows, and writes it beside the trace context,
// where other readers of the carrier do not look.

const mark = ',"awaits":"children"}';

/** Options whose carrier says that the job waits for its children. The same ones when they have no carrier in JSON. */
export function markedAsParent<Options extends ObservedJobOptions>(
  opts: Options | undefined,
): Options | undefined {
  const metadata = opts?.telemetry?.metadata;
  if (typeof metadata !== 'string' || !metadata.endsWith('}')) return opts;
  return { ...opts, telemetry: { ...opts?.telemetry, metadata: metadata.slice(0, -1) + mark } } as Options;
}

export function isMarkedAsParent({ opts }: ObservedJob): boolean {
  const metadata: unknown = opts?.telemetry?.metadata;
  return typeof metadata === 'string' && metadata.endsWith(mark);
}
