import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AppendResult, MemoryTraceStore, type TraceEvent } from '@throughline/core/events';
import { beginAnswer, isCommitted, type ScriptedAnswer } from './scripted-answer.ts';

/** A batch that arrived at a {@link ScriptedStore}. */
export interface StoreRequest {
  /** `performance.now()` when it was read. */
  readonly at: number;
  readonly events: readonly TraceEvent[];
}

/** A store behind HTTP that answers as a script says. */
export interface ScriptedStore {
  /** `http://127.0.0.1:<port>`; batches go to `POST /events` as a JSON array. */
  readonly url: string;
  /** What was really stored. */
  readonly stored: MemoryTraceStore;
  /** Every batch, in order of arrival, whatever became of it. */
  requests(): readonly StoreRequest[];
  /** Closes the port and open connections. May be called again. */
  stop(): Promise<void>;
}

/** How a {@link ScriptedStore} behaves. */
export interface ScriptedStoreOptions {
  /** Decides the answer to a batch: `undefined` stores it. `inTurn` makes one of a list. */
  readonly answer?: ((request: StoreRequest) => ScriptedAnswer | undefined) | undefined;
}

/**
 * Starts a store behind HTTP: `POST /events` takes a JSON array of events and answers 200 with
 * `{ stored, duplicates, rejected }`, `rejected` being the number of events that can never be stored.
 *
 * @example
 * ```ts
 * import { inTurn, startScriptedStore } from '@throughline/testkit';
 *
 * const store = await startScriptedStore({ answer: inTurn([{ status: 429, retryAfter: '2' }, 'hang', 413]) });
 * console.log(store.requests().length, await store.stored.getTrace('T1'));
 * await store.stop();
 * ```
 */
export async function startScriptedStore(options: ScriptedStoreOptions = {}): Promise<ScriptedStore> {
  const { answer = () => undefined } = options;
  const stored = new MemoryTraceStore();
  const requests: StoreRequest[] = [];

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const events = JSON.parse(await textOf(request)) as TraceEvent[];
    const received = { at: performance.now(), events };
    requests.push(received);
    const scripted = answer(received) ?? 200;
    const result = isCommitted(scripted) ? await stored.append(events) : undefined;
    const status = beginAnswer(response, scripted);
    if (status !== undefined) response.writeHead(status).end(JSON.stringify(countsOf(result)));
  };

  const server = createServer((request, response) => {
    respond(request, response).catch((error: Error) => response.writeHead(400).end(error.message));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    stored,
    requests: () => requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function countsOf(
  { stored, duplicates, rejected }: AppendResult = { stored: 0, duplicates: 0, rejected: [] },
) {
  return { stored, duplicates, rejected: rejected.length };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const portions: Buffer[] = [];
  for await (const portion of request as AsyncIterable<Buffer>) portions.push(portion);
  return Buffer.concat(portions).toString();
}
