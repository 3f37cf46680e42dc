import { parser } from '@prometheus-io/lezer-promql';

/** What a query asks of one metric. */
interface AskedSeries {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
}

/** A query as Prometheus reads it. */
export interface AskedQuery {
  readonly series: readonly AskedSeries[];
  /** Labels by which results are grouped or matched. */
  readonly grouping: readonly string[];
}

type Node = ReturnType<typeof parser.parse>['topNode'];

/** @throws Error when Prometheus would not take the query */
export function readPromql(query: string): AskedQuery {
  // Grafana fills these in before it asks.
  const filled = query.replaceAll('$__rate_interval', '5m').replaceAll('$queue', '.*');
  const text = ({ from, to }: Node): string => filled.slice(from, to);
  const series: AskedSeries[] = [];
  const grouping: string[] = [];
  parser.parse(filled).iterate({
    enter({ node, type }) {
      if (type.isError) throw new Error(`not PromQL at ${node.from}: ${filled}`);
      if (type.name === 'GroupingLabels') grouping.push(...node.getChildren('LabelName').map(text));
      if (type.name === 'VectorSelector') series.push(askedSeries(node, text));
    },
  });
  return { series, grouping };
}

function askedSeries(selector: Node, text: (node: Node) => string): AskedSeries {
  const name = selector.getChild('Identifier');
  const matchers = selector.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return {
    metric: name ? text(name) : '',
    matchers: matchers.map((matcher) => ({
      label: textOf(matcher, 'LabelName', text),
      operator: textOf(matcher, 'MatchOp', text),
      value: JSON.parse(textOf(matcher, 'StringLiteral', text)),
    })),
  };
}

function textOf(node: Node, child: string, text: (node: Node) => string): string {
  const found = node.getChild(child);
  if (!found) throw new Error(`no ${child} in ${text(node)}`);
  return text(found);
}
