import type { Panel, RowPanel } from '@grafana/schema';
import { waitFor } from '@throughline/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { alertRules } from '../monitoring/alert-rules.ts';
import { grafanaDashboard } from '../monitoring/grafana-dashboard.ts';
import { observeQueue } from '../src/index.ts';
import { openJobWorld } from './support/job-world.ts';
import { runKnownWorkload } from './support/known-workload.ts';
import { openMetricsPipeline } from './support/metrics-pipeline.ts';
import { type PrometheusSeries, prometheusSeries } from './support/prometheus-series.ts';
import { type AskedQuery, readPromql } from './support/promql.ts';

/** What a run in which everything happened looks like in Prometheus. */
async function everything(): Promise<PrometheusSeries> {
  const world = openJobWorld();
  const pipeline = await openMetricsPipeline();
  const work = await runKnownWorkload({ world, telemetry: pipeline.telemetry, way: 'classes' });
  await work.addBulk([
    { name: 'waiting', data: {} },
    { name: 'ranked', data: {}, opts: { priority: 2 } },
  ]);
  onTestFinished(observeQueue(work, pipeline.telemetry, { intervalMs: 100 }));
  const unreachable = world.hostQueue('unreachable');
  const failing = Object.create(unreachable, {
    getJobCounts: { value: () => Promise.reject(new Error('connection is closed')) },
  });
  onTestFinished(observeQueue(failing, pipeline.telemetry, { intervalMs: 100 }));
  return waitFor(async () => {
    const series = prometheusSeries(await pipeline.export());
    const isPolled = series.has('throughline_queue_depth');
    return isPolled && series.has('throughline_queue_poll_failures_total') ? series : undefined;
  });
}

/** What a query names and the run did not have. */
function missingFrom(series: PrometheusSeries, { series: asked, grouping }: AskedQuery): readonly string[] {
  const missing: string[] = [];
  for (const { metric, matchers } of asked) {
    const labels = series.get(metric);
    if (!labels) missing.push(metric);
    for (const { label, operator, value } of matchers) {
      const values = labels?.get(label);
      const wanted = operator === '=' ? [value] : operator === '=~' && value !== '.*' ? value.split('|') : [];
      if (!values) missing.push(`${metric}{${label}}`);
      else
        missing.push(
          ...wanted.filter((it) => it !== '' && !values.has(it)).map((it) => `${metric}{${label}="${it}"}`),
        );
    }
  }
  const known = new Set(asked.flatMap(({ metric }) => [...(series.get(metric)?.keys() ?? [])]));
  return [...missing, ...grouping.filter((label) => !known.has(label))];
}

const isPanel = (panel: Panel | RowPanel): panel is Panel => panel.type !== 'row';
const panels = (grafanaDashboard.panels ?? []).filter(isPanel);
const panelQueries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => String(expr)));
const rules = alertRules.groups.flatMap((group) => group.rules);

describe('the Grafana dashboard', () => {
  it('is the file that is shipped', async () => {
    await expect(`${JSON.stringify(grafanaDashboard, null, 2)}\n`).toMatchFileSnapshot(
      '../dashboards/throughline-bullmq.json',
    );
  });

  it('has panels that do not overlap, each with an id of its own', () => {
    const places = panels.map(({ gridPos }) => `${gridPos?.x} ${gridPos?.y}`);

    expect(new Set(places).size).toBe(panels.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(panels.every(({ gridPos }) => gridPos && gridPos.x + gridPos.w <= 24)).toBe(true);
  });

  it('shows what is asked of a queue', () => {
    const metrics = new Set(
      panelQueries.flatMap((query) => readPromql(query).series.map(({ metric }) => metric)),
    );

    expect([...metrics].sort()).toEqual([
      'messaging_client_consumed_messages_total',
      'messaging_client_operation_duration_seconds_bucket',
      'messaging_client_sent_messages_total',
      'messaging_process_duration_seconds_bucket',
      'throughline_backoff_duration_seconds_bucket',
      'throughline_delay_duration_seconds_bucket',
      'throughline_lock_lost_total',
      'throughline_queue_depth',
      'throughline_queue_oldest_age_seconds',
      'throughline_queue_poll_failures_total',
      'throughline_queue_poll_timestamp_seconds',
      'throughline_stalled_total',
      'throughline_wait_duration_seconds_bucket',
    ]);
  });

  it('writes legends with labels that its queries keep', () => {
    for (const { targets = [] } of panels)
      for (const { expr, legendFormat } of targets) {
        const labels = [...String(legendFormat).matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
        expect(readPromql(String(expr)).grouping).toEqual(expect.arrayContaining(labels));
      }
  });
});

describe('the alert rules', () => {
  it('are the file that is shipped', async () => {
    await expect(stringify(alertRules, { lineWidth: 0 })).toMatchFileSnapshot(
      '../dashboards/throughline-bullmq-alerts.yaml',
    );
  });

  it('are read back from YAML as they were', () => {
    expect(parse(stringify(alertRules, { lineWidth: 0 }))).toEqual(alertRules);
  });

  it('each have a name of their own, a duration, a severity and a runbook', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const rule of rules) {
      expect(rule.alert).toMatch(/^[A-Z]\w+$/);
      expect(rule.for).toMatch(/^\d+[smh]$/);
      expect(['warning', 'critical']).toContain(rule.labels.severity);
      expect(rule.annotations.runbook.length).toBeGreaterThan(80);
    }
  });

  it('write texts with labels that their expressions keep', () => {
    for (const { expr, annotations } of rules) {
      const texts = Object.values(annotations).join(' ');
      const labels = [...texts.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
      expect(labels.length).toBeGreaterThan(0);
      expect(readPromql(expr).grouping).toEqual(expect.arrayContaining(labels));
    }
  });
});

describe('what dashboard and alert rules ask for', () => {
  it('exists, name, label and value, after a run in which everything happened', async () => {
    const series = await everything();

    const queries = [...panelQueries, ...rules.map(({ expr }) => expr)];
    expect(queries.flatMap((query) => missingFrom(series, readPromql(query)))).toEqual([]);
  });

  it('is missed when it does not exist', async () => {
    const series: PrometheusSeries = new Map([['jobs_total', new Map([['state', new Set(['ok'])]])]]);
    const missing = (query: string) => missingFrom(series, readPromql(query));

    expect(missing('sum by (state) (jobs_total{state="ok"})')).toEqual([]);
    expect(missing('job_total')).toEqual(['job_total']);
    expect(missing('jobs_total{stat="ok"}')).toEqual(['jobs_total{stat}']);
    expect(missing('jobs_total{state=~"ok|lost"}')).toEqual(['jobs_total{state="lost"}']);
    expect(missing('sum by (queue) (jobs_total)')).toEqual(['queue']);
    expect(() => readPromql('sum by (queue) jobs_total)')).toThrow(/not PromQL/);
  });
});
