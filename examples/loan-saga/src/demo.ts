import { randomBytes } from 'node:crypto';
import { collectTrace, redactText } from '@throughline/core/events';
import { createTraceGraph, type TraceGraph } from '@throughline/core/trace-graph';
import { openJournalStore } from '@throughline/journal-store';
import { type OtlpReceiver, startOtlpReceiver, waitFor } from '@throughline/testkit';
import type { LoanApplication } from './loan-application.ts';
import { checkOtlpEndpoint } from './otlp-endpoint.ts';
import { type RunningProcess, startSagaProcess } from './saga-cluster.ts';
import { type EngineName, type SagaServer, startSagaServer } from './saga-server.ts';

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
  /** What carries the work. @default BullMQ; pgconductor where no Redis can be had */
  readonly engine?: EngineName | undefined;
  readonly onProgress: (who: string, text: string) => void;
}

/** What the demo saw. */
export interface DemoResult {
  readonly application: LoanApplication;
  readonly server: SagaServer;
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
 * Runs the saga on real parts: a Redis or a PostgreSQL, four processes, an OTLP receiver, a journal on disk.
 *
 * @returns after every process has ended, with the story read back from the journal
 * @throws {JournalNotAJournalError} `THROUGHLINE_JOURNAL_NOT_A_JOURNAL`, before anything is started
 */
export async function runDemo({
  directory,
  amount,
  otlpEndpoint,
  engine,
  onProgress,
}: DemoOptions): Promise<DemoResult> {
  await (await openJournalStore({ directory })).close();
  if (otlpEndpoint !== undefined) await checkOtlpEndpoint(otlpEndpoint);
  const server = await startSagaServer(engine);
  onProgress('engine', redactText(server.description));
  const receiver = otlpEndpoint === undefined ? await startOtlpReceiver() : undefined;
  const endpoint = receiver?.url ?? otlpEndpoint ?? '';
  onProgress('otlp', redactText(endpoint));
  const processes: RunningProcess[] = [];

  try {
    const env = {
      ...server.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      THROUGHLINE_STORE: directory,
    };
    for (const service of SERVICES) {
      const running = await startSagaProcess(service, env, (text) => onProgress(service, text));
      onProgress(service, `ready, process ${running.pid}`);
      processes.push(running);
    }

    const application = newApplication(amount);
    const api = addressOfApi(processes);
    const id = await submit(application, api);
    await sagaEnded(id, api);
    await stopAll(processes);

    const { traceId, graph } = await readBack(id, directory);
    return {
      application,
      server,
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
    await server.stop();
  }
}

function observedQueues(receiver: OtlpReceiver): string[] {
  const points = receiver.metrics({ name: 'throughline.queue.depth' }).flatMap((metric) => metric.points);
  return [
    ...new Set(points.map(({ attributes }) => String(attributes['messaging.destination.name']))),
  ].sort();
}

function newApplication(amount: number): LoanApplication {
  return { id: `loan-${randomBytes(3).toString('hex')}`, applicant: 'applicant-7', amount, income: 90_000 };
}

async function submit(application: LoanApplication, api: string): Promise<string> {
  const response = await fetch(api, { method: 'POST', body: JSON.stringify(application) });
  if (!response.ok) throw new Error(`The loan API answered ${response.status}: ${await response.text()}`);
  const { id } = (await response.json()) as { id: string };
  return id;
}

async function sagaEnded(id: string, api: string): Promise<void> {
  await waitFor(
    async () => {
      const response = await fetch(`${api}/${id}`);
      const { hasEnded } = (await response.json()) as { hasEnded: boolean };
      return hasEnded;
    },
    { timeoutMs: SAGA_TIMEOUT_MS, what: `the end of ${id}` },
  );
}

function addressOfApi(processes: readonly RunningProcess[]): string {
  const port = processes.find(({ service }) => service === 'loan-api')?.details.port;
  return `http://127.0.0.1:${port}/loan-applications`;
}

async function stopAll(processes: readonly RunningProcess[]): Promise<void> {
  await Promise.all(processes.map((running) => running.stop()));
}

async function readBack(id: string, directory: string): Promise<{ traceId: string; graph: TraceGraph }> {
  const store = await openJournalStore({ directory });
  const { traces } = await store.listTraces({ entityId: id });
  const traceId = traces[0]?.traceId;
  if (traceId === undefined) throw new Error(`The journal in ${directory} has no trace of ${id}`);
  const collected = await collectTrace(store, traceId);
  await store.close();
  return { traceId, graph: createTraceGraph(collected) };
}
