import type { ReceivedMetric, ReceivedPoint } from '@throughline/testkit';
import { describe, expect, it } from 'vitest';
import { openJobWorld } from './support/job-world.ts';
import { known, runKnownWorkload, type WayIn } from './support/known-workload.ts';
import { openMetricsPipeline } from './support/metrics-pipeline.ts';

/** The points of one metric of one queue, as the receiver got them. */
function pointsOf(
  metrics: readonly ReceivedMetric[],
  name: string,
  queue = 'work',
): readonly ReceivedPoint[] {
  return metrics
    .filter((metric) => metric.name === name)
    .flatMap(({ points }) => points)
    .filter(({ attributes }) => attributes['messaging.destination.name'] === queue);
}

/** Values, or counts of histograms, summed by outcome. */
function byOutcome(points: readonly ReceivedPoint[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { attributes, value, count } of points) {
    const outcome = String(attributes['throughline.outcome'] ?? 'ok');
    sums[outcome] = (sums[outcome] ?? 0) + Number(value ?? count);
  }
  return sums;
}

function total(points: readonly ReceivedPoint[]): number {
  return points.reduce((sum, { value, count }) => sum + Number(value ?? count), 0);
}

async function measured(way: WayIn): Promise<readonly ReceivedMetric[]> {
  const pipeline = await openMetricsPipeline();
  await runKnownWorkload({ world: openJobWorld(), telemetry: pipeline.telemetry, way });
  return pipeline.export();
}

describe.each<WayIn>(['classes', 'layers'])('after a known workload, by the %s', (way) => {
  it('every counter and histogram has the known number', async () => {
    const metrics = await measured(way);
    const of = (name: string, queue?: string) => pointsOf(metrics, name, queue);

    expect({
      consumed: byOutcome(of('messaging.client.consumed.messages')),
      processed: byOutcome(of('messaging.process.duration')),
      sent: byOutcome(of('messaging.client.sent.messages')),
      operations: byOutcome(of('messaging.client.operation.duration')),
      children: byOutcome(of('messaging.client.consumed.messages', 'parts')),
      childrenSent: byOutcome(of('messaging.client.sent.messages', 'parts')),
      waits: total(of('throughline.wait.duration')),
      delays: total(of('throughline.delay.duration')),
      backoffs: total(of('throughline.backoff.duration')),
      stalled: total(of('throughline.stalled')),
      lockLost: total(of('throughline.lock_lost')),
    }).toEqual({
      consumed: known.starts,
      processed: known.starts,
      sent: known.sent,
      operations: known.sent,
      children: known.children,
      childrenSent: known.children,
      waits: known.waits,
      delays: known.delays,
      backoffs: known.backoffs,
      stalled: known.stalled,
      lockLost: known.lockLost,
    });
  });

  it('errors are told apart by type, and nothing else of a job is an attribute', async () => {
    const metrics = await measured(way);

    const points = pointsOf(metrics, 'messaging.client.consumed.messages');
    const failed = points.filter(({ attributes }) => attributes['throughline.outcome'] === 'error');
    const types = Object.fromEntries(
      failed.map(({ attributes, value }) => [String(attributes['error.type']), Number(value)]),
    );
    expect(types).toEqual({ TypeError: 3, UnrecoverableError: 2, RangeError: 1 });
    expect(new Set(metrics.flatMap(attributeNames))).toEqual(
      new Set([
        'messaging.system',
        'messaging.operation.type',
        'messaging.operation.name',
        'messaging.destination.name',
        'throughline.outcome',
        'error.type',
      ]),
    );
  });
});

function attributeNames({ points }: ReceivedMetric): readonly string[] {
  return points.flatMap(({ attributes }) => Object.keys(attributes));
}
