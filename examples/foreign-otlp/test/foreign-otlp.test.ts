import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromOtlp } from '@throughline/core/otlp';
import { createTraceGraph, type TraceGraph, type TraceSpan } from '@throughline/core/trace-graph';
import { spawnNode } from '@throughline/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

const folder = new URL('../', import.meta.url);
const recording = await readFile(new URL('recording/checkout.otlp.ndjson', folder), 'utf8');

function serviceOf(span: TraceSpan | undefined): string | undefined {
  return span?.event?.source;
}

/** What there is to say about the failure, whoever recorded it. */
function story(graph: TraceGraph): unknown {
  const why = graph.explainFailure();
  const [cause] = why.causes;
  return {
    outcome: why.outcome,
    causes: why.causes.map(({ span, error }) => [serviceOf(span), span.name, error?.type, error?.message]),
    chain: cause?.chain.map((span) => [
      serviceOf(span),
      span.name.replace(/127\.0\.0\.1:\d+/, 'payments:80'),
    ]),
    earlier: why.ruledOut
      .filter(({ span, reason }) => span.name === 'charge card' && reason === 'earlier_attempt')
      .map(({ span }) => span.error?.type),
  };
}

const expected = {
  outcome: 'failed',
  causes: [['payments', 'charge card', 'CardDeclinedError', 'The card was declined: insufficient funds']],
  chain: [
    ['shop', 'POST /checkout'],
    ['shop', 'checkout'],
    ['shop', 'pay'],
    ['shop', 'POST payments:80/charges'],
    ['payments', 'POST /charges'],
    ['payments', 'charge card'],
  ],
  earlier: ['AcquirerTimeoutError'],
};

describe('the recording of an application that knows nothing of Throughline', () => {
  const { events, rejected, dropped } = fromOtlp(recording);
  const graph = createTraceGraph(events);

  it('is of two processes, and has no word of ours', () => {
    expect(new Set(graph.spans.map(serviceOf))).toEqual(new Set(['shop', 'payments']));
    expect(recording).not.toContain('throughline');
    expect(recording.length).toBeLessThan(100_000);
  });

  it('is read whole', () => {
    expect(rejected).toEqual([]);
    expect(dropped).toEqual({ attributes: 0, events: 0, links: 0 });
    expect(graph.spans).toHaveLength(10);
    expect(graph.diagnostics()).toEqual([]);
  });

  it('is explained across the border of the processes, by the second attempt', () => {
    expect(story(graph)).toEqual(expected);
  });

  it('is explained in a paragraph', () => {
    const text = graph.explainFailure().toText();
    expect(text).toContain(
      'charge card failed with CardDeclinedError: The card was declined: insufficient funds',
    );
    expect(text).toMatch(
      /Chain: POST \/checkout → checkout → pay → POST [\d.:]+\/charges → POST \/charges → charge card/,
    );
  });
});

describe('node record.mjs', () => {
  let fresh: string;
  beforeAll(async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'foreign-otlp-'));
    const file = join(scratch, 'checkout.otlp.ndjson');
    const recorder = spawnNode(new URL('record.mjs', folder), [file]);
    const { code } = await recorder.exited;
    expect(code, [...recorder.lines, ...recorder.errorLines].join('\n')).toBe(0);
    fresh = await readFile(file, 'utf8');
    await rm(scratch, { recursive: true, force: true });
  });

  it('records the same story again', () => {
    expect(story(createTraceGraph(fromOtlp(fresh).events))).toEqual(expected);
  });

  it('records nothing that names a machine or a folder', () => {
    expect(fresh).not.toMatch(/host\.name|process\.|file:|\.cjs/);
  });
});
