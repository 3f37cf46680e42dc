import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectTrace } from '@throughline/core/testing';
import { createTraceGraph, type TraceGraph } from '@throughline/core/trace-graph';
import { openJournalStore } from '@throughline/journal-store';
import { type OtlpReceiver, spawnNode, startOtlpReceiver } from '@throughline/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PIPELINE = new URL('../dist/main.js', import.meta.url);

/** The trace of an order. */
interface Story {
  readonly traceId: string;
  readonly graph: TraceGraph;
}

describe('the pipeline', () => {
  let folder: string;
  let receiver: OtlpReceiver;
  let output: string;
  let exitCode: number | null;
  let shipped: Story;
  let refunded: Story;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'throughline-pipeline-'));
    receiver = await startOtlpReceiver();
    const directory = join(folder, 'journal');
    const pipeline = spawnNode(PIPELINE, ['--store', directory, '--otlp', receiver.url]);
    exitCode = (await pipeline.exited).code;
    output = [...pipeline.lines, ...pipeline.errorLines].join('\n');
    shipped = await storyOf(directory, executionOf('order-1'));
    refunded = await storyOf(directory, executionOf('order-2'));
  });
  afterAll(async () => {
    await receiver.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function executionOf(order: string): string {
    return new RegExp(`^${order}, execution (\\d+)$`, 'm').exec(output)?.[1] ?? '';
  }

  it('ends by itself with exit code 0', () => {
    expect(exitCode, output).toBe(0);
  });

  it('ships the order whose payment succeeded at the second try, and takes it once', () => {
    expectTrace(shipped.graph.events).toHaveSucceeded().toHaveRetried(1).toContainSpan('stage:payment');
    expect(output.match(/order-1: receipt/g)).toHaveLength(1);
  });

  it('gives the money back for the order that cannot be sent', () => {
    expectTrace(refunded.graph.events)
      .toHaveFailed({ type: 'ParcelTooHeavyError', in: 'print-label' })
      .toCompensate('payment');
  });

  it('names the label in its batch as the cause, below parcel and order', () => {
    const { causes, chain } = refunded.graph.explainFailure();
    expect(causes[0]?.error?.message).toContain('order-2/anvil weighs 120 kg');
    const names = chain.map(({ entity, name }) => entity?.name ?? name);
    expect(names).toEqual(
      expect.arrayContaining(['POST /orders', 'fulfil-order', 'pack-parcel', 'print-label']),
    );
  });

  it('packs the parcels of an order beside each other, in its trace', () => {
    const packed = receiver.spans({ name: 'process pack-parcel' });
    expect(new Set(packed.map(({ traceId }) => traceId))).toEqual(
      new Set([shipped.traceId, refunded.traceId]),
    );
  });

  it('asks for many labels at once: one span, linked to every parcel', () => {
    const [batch, ...others] = receiver.spans({ name: 'process print-label' });
    expect(others).toEqual([]);
    expect(batch?.links).toHaveLength(4);
  });

  it('thanks the customer because of the event', () => {
    const [thanked] = receiver.spans({ name: 'process thank-customer' });
    expect([thanked?.traceId, ...(thanked?.links ?? []).map(({ traceId }) => traceId)]).toContain(
      shipped.traceId,
    );
  });

  it('counts the takings in traces of their own', () => {
    const counted = receiver.spans({ name: 'process count-takings' });
    expect(counted.length).toBeGreaterThan(0);
    for (const { parentSpanId } of counted) expect(parentSpanId ?? '').toBe('');
    expect(counted.map(({ traceId }) => traceId)).not.toContain(shipped.traceId);
  });

  it('has the same span ids in the journal and over OTLP', () => {
    const exported = receiver.spans({ traceId: shipped.traceId }).map(({ spanId }) => spanId);
    const stored = shipped.graph.spans.map(({ spanId }) => spanId);
    expect([...stored].sort()).toEqual([...exported].sort());
  });

  it('explains each execution by its id', () => {
    expect(output).toMatch(/succeeded\. Recovered: task fulfil-order .* after PaymentProviderBusyError/);
    expect(output).toMatch(/failed: .*ParcelTooHeavyError/);
    expect(output).toMatch(/stage:payment +compensated/);
    expect(output).toContain('everything arrived');
    expect(output).toMatch(/✓ completed .*↻ failed, starts again/);
  });
});

describe('the pipeline, told nonsense', () => {
  it('shows what it takes', async () => {
    const pipeline = spawnNode(PIPELINE, ['--what']);
    expect((await pipeline.exited).code).toBe(2);
    expect(pipeline.errorLines.join('\n')).toMatch(/--what.*These are the options:[\s\S]*--help/);
  });
});

async function storyOf(directory: string, executionId: string): Promise<Story> {
  const store = await openJournalStore({ directory });
  const { traces } = await store.listTraces({ entityId: executionId });
  const traceId = traces[0]?.traceId ?? '';
  const graph = createTraceGraph(await store.getTrace(traceId));
  await store.close();
  return { traceId, graph };
}
