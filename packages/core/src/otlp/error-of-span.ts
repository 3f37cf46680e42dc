import type { StoredError } from '../events/trace-event.ts';
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  EXCEPTION_EVENT,
} from '../semantic-conventions/exception.ts';
import { ATTR_ERROR_TYPE } from '../semantic-conventions/general.ts';
import { ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_HTTP_STATUS_CODE } from '../semantic-conventions/http.ts';
import { asText } from '../trace-graph/event-data.ts';
import type { ImportedSpan, ImportedSpanEvent } from './imported-span.ts';

/** The exception that made a span fail: the last that was recorded. */
export function decisiveException({ events }: ImportedSpan): ImportedSpanEvent | undefined {
  return events.filter(({ name }) => name === EXCEPTION_EVENT).at(-1);
}

/** The error of a span that failed: its exception, else what its status and attributes say. */
export function errorOf(
  span: ImportedSpan,
  { attributes: exception }: Pick<ImportedSpanEvent, 'attributes'> = { attributes: {} },
  recordStacks = false,
): StoredError | undefined {
  const stack = recordStacks ? asText(exception[ATTR_EXCEPTION_STACKTRACE]) : undefined;
  const type = asText(exception[ATTR_EXCEPTION_TYPE]) ?? asText(span.attributes[ATTR_ERROR_TYPE]);
  const message =
    asText(exception[ATTR_EXCEPTION_MESSAGE]) ?? asText(span.statusMessage) ?? httpMessage(span);
  if (type === undefined && message === undefined) return undefined;
  return { type: type ?? 'Error', message: message ?? '', ...(stack !== undefined && { stack }) };
}

function httpMessage({ attributes }: ImportedSpan): string | undefined {
  const status = attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] ?? attributes[ATTR_HTTP_STATUS_CODE];
  return typeof status === 'number' && status >= 400 ? `HTTP status ${status}` : undefined;
}
