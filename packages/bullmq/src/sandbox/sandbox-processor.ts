import process from 'node:process';
import { isMainThread } from 'node:worker_threads';
import { demandOption, noopTelemetry, type Telemetry, type TraceContext } from '@throughline/core';
import { type CarryingOptions, carriedMetadata } from '../carrier/carried-metadata.ts';
import { watched } from '../consuming/watched-call.ts';
import { portOf, type TelemetrySource } from '../settings/port-of.ts';
import { beforeRetirement } from './before-retirement.ts';
import { keepErrorName } from './keep-error-name.ts';
import { SandboxFlush } from './sandbox-flush.ts';

/** What is read of a job inside a sandbox. */
interface SandboxJob {
  readonly opts?: CarryingOptions | undefined;
}

/**
 * For the file of a sandboxed processor, which BullMQ runs in a child process or a worker thread: the job's `process`
 * span, which the drop-in `Worker` keeps in its own process, is active while `processor` runs. Spans that it starts, and
 * jobs that it adds with a traced queue, are children of that span.
 *
 * Arguments, `this`, result, error and `length` stay as they are. An error whose class BullMQ would lose on the way to
 * the worker keeps it as `name`.
 *
 * What was recorded is flushed after a job, once a second at the most and with no job waiting for it, and before BullMQ
 * retires the sandbox. BullMQ 5 terminates worker threads without a word, so there the last of it can be lost.
 *
 * @param telemetry one made in this very file: nothing of the worker's process is here
 * @returns `processor` itself when telemetry is off
 * @throws TelemetryInvalidError when `telemetry` is not an object
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for a processor that is no function: the path of a
 * file, for example
 * @example
 * ```ts
 * import { sandboxProcessor } from '@throughline/bullmq/sandbox';
 * import { traced } from '@throughline/core';
 * import { createOtelTelemetry } from '@throughline/otel';
 * import type { SandboxedJob } from 'bullmq';
 *
 * const telemetry = createOtelTelemetry(); // register your OpenTelemetry SDK in this file too
 *
 * async function resize(job: SandboxedJob<{ path: string }>): Promise<string> {
 *   return traced(telemetry, 'read image', () => `${job.data.path}.webp`);
 * }
 * export default sandboxProcessor(resize, telemetry);
 * ```
 * @see {@link https://docs.bullmq.io/guide/workers/sandboxed-processors | BullMQ: Sandboxed processors}
 */
export function sandboxProcessor<
  // biome-ignore lint/suspicious/noExplicitAny: people type it as SandboxedJob or as Job, of any data
  Processor extends (job: any, token: string, signal: AbortSignal) => unknown,
>(processor: Processor, telemetry: TelemetrySource): Processor {
  demandOption(typeof processor === 'function', 'sandboxProcessor.processor', processor, 'a function');
  const port = portOf(telemetry);
  if (port === noopTelemetry) return processor;
  const flush = new SandboxFlush(port);
  let isPrepared = false;
  function traced(this: unknown, ...args: never[]): unknown {
    const job: SandboxJob | null | undefined = args[0];
    if (!isPrepared && isInSandbox(job)) {
      isPrepared = true;
      beforeRetirement(() => flush.beforeRetirement());
    }
    const jobEnds = flush.jobBegins();
    const call = (): unknown => Reflect.apply(processor, this, args);
    return watched(() => port.withContext(contextOf(port, job), call), {
      returned: jobEnds,
      threw: (error) => {
        keepErrorName(error);
        jobEnds();
      },
    });
  }
  Object.defineProperty(traced, 'length', { value: processor.length, configurable: true });
  return traced as unknown as Processor;
}

/** A job is a plain object in a sandbox, and one of BullMQ's class in a worker that was given the function itself. */
function isInSandbox(job: SandboxJob | null | undefined): boolean {
  const isChild = !isMainThread || process.send !== undefined;
  return (
    isChild && typeof job === 'object' && job !== null && Object.getPrototypeOf(job) === Object.prototype
  );
}

function contextOf(port: Telemetry, job: SandboxJob | null | undefined): TraceContext | undefined {
  const metadata = carriedMetadata(job?.opts);
  return metadata ? port.propagation.extract(metadata) : undefined;
}
