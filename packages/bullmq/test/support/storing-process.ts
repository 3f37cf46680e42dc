import { AsyncLocalStorage } from 'node:async_hooks';
import { fileURLToPath } from 'node:url';
import { createEventTelemetry, type Telemetry, type TraceContext } from '@throughline/core';
import { collectTrace, EventWriter, MemoryTraceStore, type TraceEvent } from '@throughline/core/events';
import { createTraceGraph, type TraceGraph } from '@throughline/core/trace-graph';
import { type NodeChild, spawnNode, waitFor } from '@throughline/testkit';
import * as host from 'bullmq';
import type { JobWorld } from './job-world.ts';

const storingWorker = new URL('../fixtures/storing-worker.mjs', import.meta.url);
const useBullmq5 = fileURLToPath(new URL('../fixtures/use-bullmq-5.mjs', import.meta.url));
/** The major this project runs with; the other process has to run with the same one. */
const nodeOptions = 'RedisQueueBackend' in host ? [] : ['--import', useBullmq5];

/** Starts a process with a worker of queue `work`; see `fixtures/storing-worker.mjs`. */
export async function storingProcess({ connection, prefix }: JobWorld): Promise<NodeChild> {
  const child = spawnNode(storingWorker, [connection.host, String(connection.port), prefix], { nodeOptions });
  await child.waitForLine(/^ready/);
  return child;
}

/** A store, and the event telemetry of this process into it. */
export interface Storing {
  readonly telemetry: Telemetry;
  /** What is stored about the job, also by those processes, whatever traces it is in. */
  graphOf(jobId: string, ...others: readonly NodeChild[]): Promise<TraceGraph>;
}

/** Waits until what `here` and `there` have stored of the job is as `isMet` says, and returns it. */
export function storedWhen(
  here: Storing,
  there: NodeChild,
  jobId: string,
  isMet: (graph: TraceGraph) => boolean,
): Promise<TraceGraph> {
  const look = async (): Promise<TraceGraph | undefined> => {
    const graph = await here.graphOf(jobId, there);
    return isMet(graph) ? graph : undefined;
  };
  return waitFor(look, { what: `what is stored of job ${jobId}` });
}

export function storingHere(): Storing {
  const store = new MemoryTraceStore();
  const writer = new EventWriter(store, { process: false });
  const telemetry = createEventTelemetry({
    writer,
    ambient: new AsyncLocalStorage<TraceContext | undefined>(),
  });
  return {
    telemetry,
    async graphOf(entityId, ...others) {
      await telemetry.flush();
      // Events have ids: what was taken over before is not stored twice.
      for (const other of others) await store.append(eventsOf(other));
      const { traces } = await store.listTraces({ entityId });
      const { events } = await collectTrace(store, traces.at(-1)?.traceId ?? '');
      return createTraceGraph(events);
    },
  };
}

function eventsOf({ lines }: NodeChild): readonly TraceEvent[] {
  const prefix = 'event ';
  return lines.filter((line) => line.startsWith(prefix)).map((line) => JSON.parse(line.slice(prefix.length)));
}
