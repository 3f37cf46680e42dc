import { fromOtlp, type OtlpTraces, toOtlp } from '@throughline/core/otlp';
import { loanSagaFixture, loanSagaStory } from '@throughline/core/testing';
import { createTraceGraph } from '@throughline/core/trace-graph';
import { type OtlpReceiver, startOtlpReceiver } from '@throughline/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let receiver: OtlpReceiver;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
});
afterAll(() => receiver.stop());
beforeEach(() => receiver.reset());

async function send(traces: OtlpTraces): Promise<number> {
  const { status } = await fetch(`${receiver.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(traces),
  });
  return status;
}

describe.each([
  ['the saga as event telemetry stores it', loanSagaStory()],
  ['the saga with ids that are no W3C ids', loanSagaFixture],
])('toOtlp over HTTP: %s', (_, events) => {
  it.each([true, false])(
    'is taken by a receiver that knows the proto, no field of it lost (lossless: %s)',
    async (lossless) => {
      const traces = toOtlp(events, { lossless });
      expect(await send(traces)).toBe(200);
      expect(receiver.requests()[0]?.body).toEqual(JSON.parse(JSON.stringify(traces)));
    },
  );

  it('comes back as the same events', async () => {
    await send(toOtlp(events));
    const back = fromOtlp(receiver.requests().map(({ body }) => body));
    expect(back.rejected).toEqual([]);
    expect(createTraceGraph(back.events).events).toEqual(events);
  });
});

describe('toOtlp as a receiver reads it', () => {
  it('has one tree, with the kinds, states and errors of the story', async () => {
    await send(toOtlp(loanSagaStory(), { resource: { 'service.name': 'loans' } }));
    const [transfer] = receiver
      .spans()
      .filter(
        ({ attributes }) =>
          attributes['throughline.entity.queue'] === 'funding' && attributes['throughline.attempt'] === 1,
      );
    expect(transfer).toMatchObject({
      service: 'loans',
      kind: 'consumer',
      remoteParent: true,
      status: { code: 'error', message: 'Insufficient funds' },
      attributes: { 'error.type': 'InsufficientFundsError', 'throughline.entity.system': 'bullmq' },
    });
    const ids = new Set(receiver.spans().map(({ spanId }) => spanId));
    expect(
      receiver.spans().filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId)),
    ).toHaveLength(1);
    expect(receiver.spans({ kind: 'producer' })).toHaveLength(4);
  });
});
