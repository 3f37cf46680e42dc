/**
 * R12: malformed carriers never crash and never poison a trace: no reader throws, none needs more than 50 ms or grows faster
 * than its input, and what is not believed gives a new root and a counted reason.
 *
 * A short run of the fuzzer, from a seed that nobody chose; ten million carriers are read in `pnpm release:check`. Through a
 * real queue: `packages/bullmq/test/carriers.test.ts`; vector by vector: `packages/core/src/trace-context/carrier.test.ts`.
 */
import { createEventTelemetry, extractTraceContext, traced } from '@throughline/core';
import { EventWriter, MemoryTraceStore } from '@throughline/core/events';
import { spawnNode } from '@throughline/testkit';
import { describe, expect, it } from 'vitest';

describe('carriers that nobody should have sent', () => {
  it('are all read, in time, with a context or a reason', async () => {
    const fuzzer = spawnNode(new URL('../../../scripts/fuzz-carriers.mjs', import.meta.url), ['30000']);
    const { code } = await fuzzer.exited;
    expect({ code, output: fuzzer.errorLines }).toEqual({ code: 0, output: [] });
    expect(fuzzer.lines.at(-1)).toContain('every promise held');
  }, 60_000);

  it.each([
    '{not json',
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '{"traceparent":["a","b"]}',
    { traceparent: 7 },
    { __proto__: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' } },
    null,
  ])('give work a trace of its own: %j', async (carrier) => {
    const store = new MemoryTraceStore();
    const writer = new EventWriter(store, { process: false });
    const parent = extractTraceContext(carrier) ?? null;
    traced(createEventTelemetry({ writer }), 'work', () => 1, { parent });
    await writer.close();
    const { traces } = await store.listTraces();
    expect(traces).toHaveLength(1);
    for (const { parent_span_id } of await store.getTrace(traces[0]?.traceId ?? ''))
      expect(parent_span_id).toBeUndefined();
  });
});
