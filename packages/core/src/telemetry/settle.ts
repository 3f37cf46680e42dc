import { timeoutOf } from '../internal/timeout.ts';
import type { FailureLog } from './failure-log.ts';
import type { FlushOptions, FlushResult, Telemetry } from './telemetry.ts';

/**
 * Flushes or shuts down a sink: never rejects, and answers by the deadline whether the sink does or not.
 *
 * The deadline is set after the sink was called, so that a sink which keeps the same deadline by itself answers first,
 * with its account. The timer holds the process for no longer than that: whoever awaits a flush at the end of a
 * program gets an answer, not a program that ends in the middle of its own shutdown.
 */
export async function settle(
  log: FailureLog,
  sink: Telemetry,
  hook: 'flush' | 'shutdown',
  options: FlushOptions | undefined,
): Promise<FlushResult> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const failed = (error: unknown, reason: 'failed' | 'timeout'): FlushResult => {
    log.count(hook, error);
    return reason === 'failed' ? { complete: false, reason, error } : { complete: false, reason };
  };
  try {
    const answer = Promise.resolve(sink[hook](options)).then(toFlushResult);
    const late = new Promise<FlushResult>((resolve) => {
      const timeoutMs = timeoutOf(options);
      timer = setTimeout(
        () => resolve(failed(new Error(`no answer in ${timeoutMs} ms`), 'timeout')),
        timeoutMs,
      );
    });
    return await Promise.race([answer, late]);
  } catch (error) {
    return failed(error, 'failed');
  } finally {
    clearTimeout(timer);
  }
}

/** Copies, so that no accessor of the sink's object is left to fail in the host's hands. */
function toFlushResult({ complete, reason, error, account }: FlushResult): FlushResult {
  if (typeof complete !== 'boolean' && complete !== 'unknown') throw new TypeError('not a flush result');
  return { complete, reason, error, account: account && { ...account, dropped: { ...account.dropped } } };
}
