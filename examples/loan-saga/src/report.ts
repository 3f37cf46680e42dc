import { redactText } from '@throughline/core/events';
import type { CompensationRow, TraceTextOptions } from '@throughline/core/trace-graph';
import pc from 'picocolors';
import type { DemoResult } from './demo.ts';
import type { EngineName } from './saga-server.ts';

const ran: Readonly<Record<EngineName, string>> = {
  bullmq: 'BullMQ on Redis',
  pgconductor: 'pgconductor on PostgreSQL',
};

const colors: TraceTextOptions['colors'] = {
  success: pc.green,
  failed: pc.red,
  warning: pc.yellow,
  pending: pc.cyan,
  muted: pc.dim,
};

const legend =
  '\n  ✓ completed   ✗ failed for good   ↻ failed, starts again   ‖ put aside, goes on later   → sent   • a moment';

/** Prints what the journal tells about the run. */
export function printReport(result: DemoResult): void {
  const { graph, application } = result;
  section('The trace, read back from the journal');
  console.log(graph.toText({ colors }));
  console.log(pc.dim(legend));

  section(`Why did ${application.id} end as it did?`);
  console.log(graph.explainFailure().toText());

  section('What was undone');
  console.log(graph.compensations().map(formatRow).join('\n'));

  section('Where it is');
  console.log(formatWhereabouts(result));
}

function section(title: string): void {
  console.log(`\n${pc.bold(title)}\n`);
}

function formatRow({ step, status, by }: CompensationRow): string {
  const undoneBy = by.length > 0 ? `  by ${by.map(({ name }) => name).join(', ')}` : '';
  return `  ${step.name.padEnd(16)} ${status}${undoneBy}`;
}

function formatWhereabouts(result: DemoResult): string {
  const { traceId, processes, directory, observedQueues = [], server } = result;
  return [
    `  trace     ${traceId}`,
    `  OTLP      ${formatExport(result)}`,
    ...(observedQueues.length > 0
      ? [`  metrics   depth and age of ${observedQueues.join(', ')}; counters, durations`]
      : []),
    `  journal   ${directory}, written by ${processes.length} processes, kept`,
    `  ran       ${ran[server.engine]}, OpenTelemetry SDK, OTLP over HTTP, journal store`,
  ].join('\n');
}

function formatExport({ exportedSpanIds, otlpEndpoint, graph }: DemoResult): string {
  if (exportedSpanIds === undefined) return `sent to ${redactText(otlpEndpoint)} under the same trace id`;
  const inJournal = new Set(graph.spans.map(({ spanId }) => spanId));
  const inBoth = exportedSpanIds.filter((id) => inJournal.has(id)).length;
  return `${exportedSpanIds.length} spans arrived, ${inBoth} of them with the same id in the journal`;
}
