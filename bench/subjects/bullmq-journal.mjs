import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from '@throughline/bullmq';
import { createEventTelemetry } from '@throughline/core';
import { EventWriter } from '@throughline/core/events';
import { openJournalStore } from '@throughline/journal-store';
import { bullmqJobs } from './bullmq-jobs.mjs';

const directory = join(await mkdtemp(join(tmpdir(), 'throughline-bench-')), 'journal');
const store = await openJournalStore({ directory });
const writer = new EventWriter(store, { maxEvents: 100_000, maxBytes: 256 * 2 ** 20 });
const telemetry = createEventTelemetry({ writer, ambient: new AsyncLocalStorage() });

async function end() {
  const { dropped, rejected } = await writer.close({ timeoutMs: 30_000 });
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, rejected);
  if (lost > 0) throw new Error(`${lost} events were not stored`);
  await store.close();
  await rm(directory, { recursive: true, force: true });
}

export default bullmqJobs({ Queue, Worker, options: { telemetry }, end });
