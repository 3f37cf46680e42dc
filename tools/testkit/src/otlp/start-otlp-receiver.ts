import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { beginAnswer, isCommitted, type ScriptedAnswer } from '../faults/scripted-answer.ts';
import { waitFor } from '../wait-for.ts';
import { encodingOf, OtlpRefusal, type OtlpRequest, readOtlpRequest } from './otlp-request.ts';
import { acceptOtlp, refuseOtlp } from './otlp-response.ts';
import { type ReceivedMetric, readMetrics } from './received-metric.ts';
import { type ReceivedSpan, readSpans, type SpanKind } from './received-span.ts';

/** Which spans are wanted; every field that is given must match. */
export interface SpanQuery {
  readonly traceId?: string | undefined;
  readonly name?: string | undefined;
  readonly kind?: SpanKind | undefined;
  /** `service.name` of the resource. */
  readonly service?: string | undefined;
}

/** Which metrics are wanted; every field that is given must match. */
export interface MetricQuery {
  readonly name?: string | undefined;
  /** `service.name` of the resource. */
  readonly service?: string | undefined;
}

/** An OTLP/HTTP endpoint that keeps what it is sent, to be asked about it. */
export interface OtlpReceiver {
  /** `http://127.0.0.1:<port>`: the value of `OTEL_EXPORTER_OTLP_ENDPOINT`. Exporters take `${url}/v1/traces`. */
  readonly url: string;
  /** Spans in order of arrival. */
  spans(query?: SpanQuery): ReceivedSpan[];
  /** Metrics in order of arrival, one entry per export. */
  metrics(query?: MetricQuery): ReceivedMetric[];
  /** Export requests that were understood, of all signals, in order of arrival. */
  requests(): readonly OtlpRequest[];
  /**
   * Waits until that many spans have arrived, or until `wanted` says that the spans so far are enough.
   *
   * @param options `query` narrows down what is counted and returned; `timeoutMs` defaults to 5000
   * @returns all spans that match, which may be more than were waited for
   * @throws Error that names the spans that did arrive
   */
  waitForSpans(
    wanted: number | ((spans: readonly ReceivedSpan[]) => boolean),
    options?: { readonly timeoutMs?: number | undefined; readonly query?: SpanQuery | undefined },
  ): Promise<ReceivedSpan[]>;
  /** Forgets everything received so far. */
  reset(): void;
  /** Closes the port and open connections. What was received stays readable. May be called again. */
  stop(): Promise<void>;
}

/** How an {@link OtlpReceiver} behaves. */
export interface OtlpReceiverOptions {
  /** Port on loopback. @default a free one */
  readonly port?: number | undefined;
  /** Largest body, before and after decompression; a larger one is answered with 413. @default 20 MiB */
  readonly maxBytes?: number | undefined;
  /**
   * Decides the answer to a request that was understood: `undefined` takes it; of what is refused (a status from 400,
   * a hang, a cut) nothing is kept as spans or metrics. `inTurn` makes one of a list.
   */
  readonly refuse?: ((request: OtlpRequest) => ScriptedAnswer | undefined) | undefined;
}

/**
 * Starts an OTLP/HTTP receiver on loopback: JSON and protobuf, gzip or not, traces, metrics and logs.
 *
 * It answers as the specification says: 200 with an empty response in the request's encoding, 400 with a
 * `google.rpc.Status` for a malformed body, 404, 405, 413 and 415.
 *
 * @example
 * ```ts
 * import { startOtlpReceiver } from '@throughline/testkit';
 *
 * const receiver = await startOtlpReceiver();
 * // … let an exporter send to `${receiver.url}/v1/traces` …
 * const [span] = await receiver.waitForSpans(1, { query: { name: 'send mail' } });
 * console.log(span?.traceId, span?.attributes);
 * await receiver.stop();
 * ```
 * @see {@link https://opentelemetry.io/docs/specs/otlp/#otlphttp | OTLP/HTTP}
 */
export async function startOtlpReceiver(options: OtlpReceiverOptions = {}): Promise<OtlpReceiver> {
  const { port = 0, maxBytes = 20 * 1024 * 1024, refuse = () => undefined } = options;
  const requests: OtlpRequest[] = [];
  const allSpans: ReceivedSpan[] = [];
  const allMetrics: ReceivedMetric[] = [];

  const receive = async (request: IncomingMessage): Promise<ScriptedAnswer | undefined> => {
    const received = await readOtlpRequest(request, maxBytes);
    requests.push(received);
    const answer = refuse(received);
    if (answer === undefined || isCommitted(answer)) {
      if (received.signal === 'traces') allSpans.push(...readSpans(received.body));
      if (received.signal === 'metrics') allMetrics.push(...readMetrics(received.body));
    }
    return answer;
  };

  const server = createServer((request, response) => {
    answer(receive(request), request, response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP listener has no port.');

  const spans = (query: SpanQuery = {}): ReceivedSpan[] => allSpans.filter((span) => matches(span, query));
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    metrics: (query = {}) => allMetrics.filter((metric) => matches(metric, query)),
    requests: () => requests,
    waitForSpans: (wanted, { timeoutMs, query } = {}) => waitForSpans(() => spans(query), wanted, timeoutMs),
    reset: () => {
      for (const list of [requests, allSpans, allMetrics]) list.length = 0;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  received: Promise<ScriptedAnswer | undefined>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const encoding = encodingOf(request.headers['content-type']) ?? 'json';
  try {
    const scripted = await received;
    if (scripted === undefined) return acceptOtlp(response, encoding);
    const status = beginAnswer(response, scripted);
    if (status !== undefined) refuseOtlp(response, status, encoding, 'The receiver was told to refuse this');
  } catch (error) {
    const status = error instanceof OtlpRefusal ? error.status : 500;
    request.resume();
    refuseOtlp(response, status, encoding, error instanceof Error ? error.message : String(error));
  }
}

function matches<R extends object>(
  record: R,
  query: { readonly [K in keyof R]?: R[K] | undefined },
): boolean {
  return (Object.keys(query) as (keyof R)[]).every(
    (key) => query[key] === undefined || record[key] === query[key],
  );
}

async function waitForSpans(
  spans: () => ReceivedSpan[],
  wanted: number | ((spans: readonly ReceivedSpan[]) => boolean),
  timeoutMs: number | undefined,
): Promise<ReceivedSpan[]> {
  const enough =
    typeof wanted === 'number' ? (found: readonly ReceivedSpan[]) => found.length >= wanted : wanted;
  const what = typeof wanted === 'number' ? `${wanted} spans` : 'the wanted spans';
  try {
    await waitFor(() => enough(spans()), { timeoutMs, what });
  } catch (error) {
    const names = spans().map(({ name }) => JSON.stringify(name));
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message} ${names.length} arrived: ${names.join(', ') || 'none'}.`, { cause: error });
  }
  return spans();
}
