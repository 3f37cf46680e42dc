import type { RecordedSpan } from '@throughline/core/testing';
import { spawnNode } from '@throughline/testkit';
import { describe, expect, it } from 'vitest';
import { ambientRecording, endedSpan, openJobWorld } from './support/job-world.ts';
import { sameMajor } from './support/same-major.ts';

const orderWorker = new URL('fixtures/order-worker.mjs', import.meta.url);
describe('a job that leaves this process and comes back', () => {
  it('stays in one trace', async () => {
    const world = openJobWorld();
    const telemetry = ambientRecording();
    const { host: hostname, port } = world.connection;
    const child = spawnNode(orderWorker, [hostname, String(port), world.prefix], { nodeOptions: sameMajor });
    await child.waitForLine(/^ready/);
    world.worker('invoices', async () => {}, telemetry);

    await world.queue('orders', telemetry).add('place', {});

    const invoice = await endedSpan(telemetry, 'process invoices');
    await child.kill('SIGTERM');
    const there: readonly RecordedSpan[] = JSON.parse(
      (await child.waitForLine(/^spans/)).slice('spans '.length),
    );
    const here = await endedSpan(telemetry, 'send orders');
    expect(there.map((span) => span.name)).toEqual(['process orders', 'send invoices']);
    expect(there[0]?.parent?.spanId).toBe(here.context.spanId);
    expect(invoice.parent?.spanId).toBe(there[1]?.context.spanId);
    expect(new Set([here, ...there, invoice].map((span) => span.context.traceId)).size).toBe(1);
  });
});
