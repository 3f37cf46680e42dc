import type { ReceivedMetric, ReceivedPoint } from '@throughline/testkit';

/** Names of series with, by label, the values that were seen. */
export type PrometheusSeries = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

const unitSuffixes: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', By: 'bytes' };

/**
 * The series that a Prometheus has of these metrics, by the default translation of OTLP.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus | OTLP metric points to Prometheus}
 */
export function prometheusSeries(metrics: readonly ReceivedMetric[]): PrometheusSeries {
  const series = new Map<string, Map<string, Set<string>>>();
  for (const metric of metrics)
    for (const point of metric.points)
      for (const [name, extra] of seriesOf(metric)) addTo(series, name, { ...labelsOf(point), ...extra });
  return series;
}

function seriesOf({ name, unit, type, monotonic }: ReceivedMetric): readonly [string, object][] {
  // Units in braces are annotations, which are left out.
  const suffix = unitSuffixes[unit];
  const translated = escaped(name) + (suffix ? `_${suffix}` : '');
  if (type === 'histogram')
    return [
      [`${translated}_bucket`, { le: '+Inf' }],
      [`${translated}_count`, {}],
      [`${translated}_sum`, {}],
    ];
  return [[type === 'sum' && monotonic ? `${translated}_total` : translated, {}]];
}

function labelsOf({ attributes }: ReceivedPoint): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [escaped(key), String(value)]));
}

function addTo(series: Map<string, Map<string, Set<string>>>, name: string, labels: object): void {
  const known = series.get(name) ?? new Map<string, Set<string>>();
  series.set(name, known);
  for (const [label, value] of Object.entries(labels))
    known.set(label, (known.get(label) ?? new Set<string>()).add(String(value)));
}

function escaped(name: string): string {
  return name.replaceAll(/[^\w]/g, '_');
}
