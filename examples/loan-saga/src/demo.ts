import { randomBytes } from 'node:crypto';
import { collectTrace, redactText } from '@throughline/core/events';
import { createTraceGraph, type TraceGraph } from '@throughline/core/trace-graph';
import { openJournalStore } from '@throughline/journal-store';
import {
  type OtlpReceiver,
  type RedisServer,
  startOtlpReceiver,
  startRedis,
  waitFor,
} from '@throughline/testkit';
import type { LoanApplication } from './loan-application.ts';
import { checkOtlpEndpoint } from './otlp-endpoint.ts';
import { type RunningProcess, startSagaProcess } from './saga-cluster.ts';

const SAGA_TIMEOUT_MS = 60_000;
const SERVICES = ['orchestrator', 'credit-worker', 'funding-worker', 'loan-api'] as const;

/** What the demo runs with. */
export interface DemoOptions {
  /** The journal's directory; kept after the run. */
  readonly directory: string;
  /** Whole euros; the bank has 100,000 for loans. */
  readonly amount: number;
  /** An OTLP/HTTP endpoint of your own. @default a receiver for this run, which counts what arrives */
  readonly otlpEndpoint?: string | undefined;
  readonly onProgress: (who: string, text: string) => void;
}

/** What the demo saw. */
export interface DemoResult {
  readonly application: LoanApplication;
  readonly traceId: string;
  readonly graph: TraceGraph;
  readonly directory: string;
  readonly processes: readonly { readonly service: string; readonly pid: number }[];
  readonly otlpEndpoint: string;
  /** Ids of the spans that arrived over OTLP; unknown at an endpoint of your own. */
  readonly exportedSpanIds: readonly string[] | undefined;
  /** Queues whose depth arrived over OTLP; unknown at an endpoint of your own. */
  readonly observedQueues: readonly string[] | undefined;
}

/**
 * Runs the saga on real parts: a Redis, four processes, an OTLP receiver, a journal on disk.
 *
 * @returns after every process has ended, with the story read back from the journal
 * @throws {JournalNotAJournalError} `THROUGHLINE_JOURNAL_NOT_A_JOURNAL`, before anything is started
 */
export async function runDemo({
  directory,
  amount,
  otlpEndpoint,
  onProgress,
}: DemoOptions): Promise<DemoResult> {
  await (await openJournalStore({ directory })).close();
  if (otlpEndpoint !== undefined) await checkOtlpEndpoint(otlpEndpoint);
  const redis = await startRedis();
  onProgress('redis', redactText(`${redis.url} (${redis.origin})`));
  const receiver = otlpEndpoint === undefined ? await startOtlpReceiver() : undefined;
  const endpoint = receiver?.url ?? otlpEndpoint ?? '';
  onProgress('otlp', redactText(endpoint));
  const processes: RunningProcess[] = [];

  try {
    const env = {
      REDIS_URL: redis.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      THROUGHLINE_STORE: directory,
      LOAN_SAGA_PREFIX: prefixFor(redis),
    };
    for (const service of SERVICES) {
      const running = await startSagaProcess(service, env, (text) => onProgress(service, text));
      onProgress(service, `ready, process ${running.pid}`);
      processes.push(running);
    }

    const application = newApplication(amount);
    const api = addressOfApi(processes);
    await submit(application, api);
    await sagaEnded(application.id, api);
    await stopAll(processes);

    const { traceId, graph } = await readBack(application, directory);
    return {
      application,
      traceId,
      graph,
      directory,
      processes: processes.map(({ service, pid }) => ({ service, pid })),
      otlpEndpoint: endpoint,
      exportedSpanIds: receiver?.spans().map(({ spanId }) => spanId),
      observedQueues: receiver && observedQueues(receiver),
    };
  } finally {
    await stopAll(processes);
    await receiver?.stop();
    await redis.stop();
  }
}

function observedQueues(receiver: OtlpReceiver): string[] {
  const points = receiver.metrics({ name: 'throughline.queue.depth' }).flatMap((metric) => metric.points);
  return [
    ...new Set(points.map(({ attributes }) => String(attributes['messaging.destination.name']))),
  ].sort();
}

/** In a Redis that others use, the queues of this run are its own. */
function prefixFor({ origin }: RedisServer): string {
  return origin === 'environment' ? `demo-${randomBytes(3).toString('hex')}` : 'demo';
}

function newApplication(amount: number): LoanApplication {
  return { id: `loan-${randomBytes(3).toString('hex')}`, applicant: 'applicant-7', amount, income: 90_000 };
}

async function submit(application: LoanApplication, api: string): Promise<void> {
  const response = await fetch(api, { method: 'POST', body: JSON.stringify(application) });
  if (!response.ok) throw new Error(`The loan API answered ${response.status}: ${await response.text()}`);
}

async function sagaEnded(applicationId: string, api: string): Promise<void> {
  await waitFor(
    async () => {
      const response = await fetch(`${api}/${applicationId}`);
      const { state } = (await response.json()) as { state: string };
      return state === 'completed' || state === 'failed';
    },
    { timeoutMs: SAGA_TIMEOUT_MS, what: `the end of ${applicationId}` },
  );
}

function addressOfApi(processes: readonly RunningProcess[]): string {
  const port = processes.find(({ service }) => service === 'loan-api')?.details.port;
  return `http://127.0.0.1:${port}/loan-applications`;
}

async function stopAll(processes: readonly RunningProcess[]): Promise<void> {
  await Promise.all(processes.map((running) => running.stop()));
}

async function readBack(
  application: LoanApplication,
  directory: string,
): Promise<{ traceId: string; graph: TraceGraph }> {
  const store = await openJournalStore({ directory });
  const { traces } = await store.listTraces({ entityId: application.id });
  const traceId = traces[0]?.traceId;
  if (traceId === undefined) throw new Error(`The journal in ${directory} has no trace of ${application.id}`);
  const collected = await collectTrace(store, traceId);
  await store.close();
  return { traceId, graph: createTraceGraph(collected) };
}
