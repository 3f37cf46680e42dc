import { StoreUnavailableError, StoreUnsupportedError } from '@throughline/core';
import type {
  AppendResult,
  StoreCapabilities,
  TraceEvent,
  TraceListPage,
  TraceStore,
} from '@throughline/core/events';

/** A store behind HTTP, as somebody would write it: `POST /events`, and what the status means to a writer. */
export class HttpTraceStore implements TraceStore {
  readonly capabilities: StoreCapabilities = { listTraces: false, tail: false };
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async append(events: readonly TraceEvent[]): Promise<AppendResult> {
    const method = 'POST';
    const response = await fetch(`${this.#url}/events`, { method, body: JSON.stringify(events) }).catch(
      (cause: Error) => {
        throw new StoreUnavailableError('The store cannot be reached', { cause });
      },
    );
    const text = await response.text();
    if (!response.ok) throw refusal(response);
    const { stored, duplicates } = JSON.parse(text) as AppendResult;
    return { stored, duplicates, rejected: [] };
  }

  async getTrace(): Promise<TraceEvent[]> {
    throw new StoreUnsupportedError('HttpTraceStore', 'getTrace');
  }

  async listTraces(): Promise<TraceListPage> {
    throw new StoreUnsupportedError('HttpTraceStore', 'listTraces');
  }

  tail(): AsyncIterable<TraceEvent> {
    throw new StoreUnsupportedError('HttpTraceStore', 'tail');
  }

  async close(): Promise<void> {}
}

function refusal({ status, headers }: Response): Error {
  if (status === 400 || status === 413)
    return Object.assign(new Error(`The store answered ${status}`), { retryable: false });
  return new StoreUnavailableError(`The store answered ${status}`, {
    retryAfterMs: retryAfterMs(headers.get('retry-after')),
  });
}

/** `Retry-After` is a number of seconds or a date. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  return Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
}
