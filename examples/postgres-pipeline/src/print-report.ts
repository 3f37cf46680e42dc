import { redactText } from '@throughline/core/events';
import { createTraceGraph, type TraceGraph } from '@throughline/core/trace-graph';
import { openJournalStore } from '@throughline/journal-store';
import type { PipelineResult, PlacedOrder } from './run-pipeline.ts';

const legend =
  '\n✓ completed   ✗ failed for good   ↻ failed, starts again   ‖ put aside, goes on later   → sent   • a moment';

/** Reads what the journal tells about each execution, and prints it. */
export async function printReport(directory: string, result: PipelineResult): Promise<void> {
  for (const placed of result.placed) {
    const graph = await traceOf(directory, placed);
    console.log(`\n${placed.order.id}, execution ${placed.executionId}\n`);
    console.log(graph.toText());
    console.log(`\nWhy did it end as it did?\n\n${graph.explainFailure().toText()}`);
    for (const { step, status } of graph.compensations()) console.log(`  ${step.name.padEnd(16)} ${status}`);
  }
  console.log(legend);
  const arrived = result.exported ? 'everything arrived' : 'not everything arrived';
  console.log(`\nOTLP     ${redactText(result.otlpEndpoint)}: ${arrived}\njournal  ${directory}, kept`);
}

/** The trace in which an execution ran; the batch of labels has one of its own, linked to those of all orders in it. */
async function traceOf(directory: string, { order, executionId }: PlacedOrder): Promise<TraceGraph> {
  const store = await openJournalStore({ directory });
  try {
    const { traces } = await store.listTraces({ entityId: executionId });
    const traceId = traces[0]?.traceId;
    if (traceId === undefined) throw new Error(`The journal has no trace of ${order.id}`);
    return createTraceGraph(await store.getTrace(traceId));
  } finally {
    await store.close();
  }
}
