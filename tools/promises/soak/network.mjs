// BullMQ workers on a real Redis behind a network that breaks in every way, their story in a journal: every job is settled,
// every event stored, the account exact.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from '@throughline/bullmq';
import { createEventTelemetry, telemetryHealth } from '@throughline/core';
import { EventWriter } from '@throughline/core/events';
import { openJournalStore } from '@throughline/journal-store';
import { AccountObserver, SeededRandom, startFaultProxy, startRedis, waitFor } from '@throughline/testkit';
import { pause, runStage } from './stage.mjs';

/** @type {import('@throughline/testkit').FaultMode[]} */
const faults = [
  { kind: 'refuse' },
  { kind: 'reset' },
  { kind: 'half-open' },
  { kind: 'latency', ms: 50 },
  { kind: 'trickle', bytesPerSecond: 1000 },
  { kind: 'cut', afterBytes: 2000 },
  { kind: 'cut-answer' },
];

await runStage(async ({ seed, goesOn, tell, expect }) => {
  const random = new SeededRandom(seed);
  const directory = mkdtempSync(join(tmpdir(), 'throughline-soak-'));
  const redis = await startRedis({ own: true });
  const proxy = await startFaultProxy({ target: redis.url });
  const account = new AccountObserver();
  const store = await openJournalStore({ directory, sync: 'none' });
  const writer = new EventWriter(account.through(store), { process: false });
  account.watch(writer);
  const telemetry = createEventTelemetry({ writer });

  const { hostname, port } = new URL(redis.url);
  const queue = new Queue('work', { connection: { host: hostname, port: Number(port) }, telemetry });
  const worker = new Worker(
    'work',
    async ({ data, attemptsMade }) => {
      await pause(data % 20);
      if (data % 10 === 0 && attemptsMade === 0) throw new Error('busy');
      return data;
    },
    {
      connection: {
        host: proxy.host,
        port: proxy.port,
        maxRetriesPerRequest: null,
        retryStrategy: () => 100,
      },
      telemetry,
      concurrency: 10,
      lockDuration: 2000,
      stalledInterval: 1000,
      maxStalledCount: 1_000_000,
    },
  );
  // Connections are what breaks here.
  queue.on('error', () => {});
  worker.on('error', () => {});

  let added = 0;
  let outages = 0;
  while (goesOn()) {
    const fault = random.of(faults);
    await proxy.set(fault);
    outages += 1;
    for (let tick = 0; tick < 10; tick += 1) {
      const jobs = Array.from({ length: random.below(10) }, () => ({
        name: 'job',
        data: added++,
        opts: { attempts: 3 },
      }));
      if (jobs.length > 0) await queue.addBulk(jobs);
      await pause(50);
    }
    await proxy.set('pass');
    proxy.resetAll();
    await pause(300);
    if (outages % 10 === 0)
      tell(`${outages} outages (${fault.kind}), ${added} jobs, ${JSON.stringify(writer.stats())}`);
  }
  const isSettled = async () => {
    const counts = await queue.getJobCounts();
    const { completed = 0, failed = 0 } = counts;
    return completed + failed === added;
  };
  await waitFor(isSettled, {
    what: `all ${added} jobs to be settled`,
    timeoutMs: 120_000,
    intervalMs: 200,
  }).catch(async (error) => expect(false, `${error.message} ${JSON.stringify(await queue.getJobCounts())}`));
  const { failed = 0 } = await queue.getJobCounts();
  expect(failed === 0, `${failed} jobs failed`);
  await Promise.all([worker.close(true), queue.close()]);
  const { complete } = await writer.close({ timeoutMs: 20_000 });
  const { accepted, stored } = writer.stats();
  expect(complete && accepted === stored, `of ${accepted} events ${stored} were stored`);
  expect(account.violations.length === 0, `the account: ${account.violations[0]}`);
  const { failures } = telemetryHealth(telemetry);
  expect(Object.keys(failures).length === 0, `the telemetry failed: ${JSON.stringify(failures)}`);
  await store.close();
  await proxy.stop();
  await redis.stop();
  rmSync(directory, { recursive: true });
  return `${added} jobs through ${outages} outages, ${stored} events stored, ${proxy.traffic.connections} connections`;
});
