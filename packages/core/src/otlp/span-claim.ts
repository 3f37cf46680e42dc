import type { StoredError } from '../events/trace-event.ts';
import {
  ATTR_THROUGHLINE_OUTCOME,
  ATTR_THROUGHLINE_WILL_RETRY,
} from '../semantic-conventions/throughline.ts';
import type { SpanOutcome } from '../telemetry/span.ts';
import { isOutcome } from '../telemetry/stored-outcome.ts';
import { decisiveException, errorOf } from './error-of-span.ts';
import type { ImportedSpan, ImportedSpanEvent } from './imported-span.ts';

/** What a span says about its end. */
export interface SpanClaim {
  readonly outcome: SpanOutcome;
  /** An unset status claims nothing: the span ended, no more. */
  readonly isStated: boolean;
  readonly error: StoredError | undefined;
  /** The exception that the error was read from. Any other was caught: it is something that happened. */
  readonly exception: ImportedSpanEvent | undefined;
}

const succeeded: SpanClaim = { outcome: 'ok', isStated: true, error: undefined, exception: undefined };
const ended: SpanClaim = { ...succeeded, isStated: false };

/** @param isRefused whether it passed a failure on to a client; see `refusedRequests` */
export function claimOf(span: ImportedSpan, isRefused: boolean, recordStacks: boolean): SpanClaim {
  const outcome = isRefused ? 'rejected' : outcomeOf(span);
  if (outcome === 'ok') return span.status === 'ok' ? succeeded : ended;
  const exception = decisiveException(span);
  return { outcome, isStated: true, error: errorOf(span, exception, recordStacks), exception };
}

/** Our own word where there is one: it says more than a status. */
function outcomeOf({ status, attributes }: ImportedSpan): SpanOutcome {
  const stated = attributes[ATTR_THROUGHLINE_OUTCOME];
  if (isOutcome(stated)) return stated;
  if (status !== 'error') return 'ok';
  return attributes[ATTR_THROUGHLINE_WILL_RETRY] === true ? 'retry' : 'error';
}
