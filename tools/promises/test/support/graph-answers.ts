import type { TraceEvent } from '@throughline/core/events';
import { createTraceGraph } from '@throughline/core/trace-graph';

/** Everything that the graph of `events` says, as plain data; ids stand for spans. */
export function graphAnswers(events: readonly TraceEvent[]): unknown {
  const graph = createTraceGraph(events);
  const why = graph.explainFailure();
  return JSON.parse(
    JSON.stringify({
      tree: graph.toText(),
      mermaid: graph.toMermaid(),
      otlp: graph.toOtlp(),
      text: why.toText(),
      outcome: why.outcome,
      causes: why.causes,
      ledger: graph.compensations(),
      retries: graph.retries(),
      open: graph.openSpans(),
      critical: graph.criticalPath(),
      times: graph.spans.map((span) => graph.timing(span)),
      // That an event arrived twice is an answer of its own.
      diagnostics: graph.diagnostics().filter(({ kind }) => kind !== 'duplicate'),
    }),
  );
}
