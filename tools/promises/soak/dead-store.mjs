// A store that is nearly always broken, in every way there is, and a small spool: the account stays exact, the heap flat.
// Needs --expose-gc.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { EventWriter } from '@throughline/core/events';
import { openJournalSpool } from '@throughline/journal-store';
import { AccountObserver, HostileStore, SeededRandom, storeFaults } from '@throughline/testkit';
import { pause, runStage } from './stage.mjs';

const maxEvents = 5_000;
const megabyte = 2 ** 20;

/** Keeps nothing, so that the heap is the writer's. */
const forgetful = /** @type {any} */ ({
  capabilities: {},
  append: async (/** @type {unknown[]} */ events) => ({ stored: events.length, duplicates: 0, rejected: [] }),
});

await runStage(async ({ seed, goesOn, tell, expect }) => {
  const random = new SeededRandom(seed);
  const directory = mkdtempSync(join(tmpdir(), 'throughline-soak-'));
  const spool = await openJournalSpool({ directory, maxBytes: 4 * megabyte, sync: 'none' });
  const store = new HostileStore({ inner: forgetful, lateMs: 300 });
  const account = new AccountObserver();
  const writer = new EventWriter(account.through(store), {
    spool: account.through(spool),
    maxEvents,
    appendTimeoutMs: 500,
    process: false,
  });
  account.watch(writer);

  /** @type {number[]} */
  const heaps = [];
  let second = 0;
  for (let emitted = 0; goesOn(); ) {
    if (second % 5 === 0)
      store.faults = Array.from({ length: 8 }, () => random.of([...storeFaults, 'works']));
    for (let burst = 0; burst < 10; burst += 1) {
      for (const end = emitted + random.below(400); emitted < end; emitted += 1)
        writer.emit(made(emitted, random));
      account.check();
      await pause(100);
    }
    second += 1;
    globalThis.gc?.();
    heaps.push(process.memoryUsage().heapUsed / megabyte);
    if (second % 10 === 0)
      tell(`${emitted} emitted, heap ${heaps.at(-1)?.toFixed(1)} MB, ${JSON.stringify(writer.stats())}`);
  }
  store.faults = [];
  const { buffered } = await writer.close({ timeoutMs: 20_000 });
  await spool.close();
  rmSync(directory, { recursive: true });

  // The first seconds warm up; of the rest the halves are compared.
  const warm = heaps.slice(Math.min(10, heaps.length / 3));
  const [early, late] = [warm.slice(0, warm.length / 2), warm.slice(warm.length / 2)].map(median);
  expect(account.violations.length === 0, `the account: ${account.violations[0]}`);
  expect(account.mostBuffered <= maxEvents, `${account.mostBuffered} events were in memory`);
  expect(buffered === 0, `${buffered} events never left`);
  expect(Number(late) < Number(early) * 1.1 + 3, `the heap grew from ${early} to ${late} MB`);
  const { accepted } = writer.stats();
  return `${accepted} events, ${account.checks} looks at the account, heap ${early?.toFixed(1)} then ${late?.toFixed(1)} MB`;
});

function made(/** @type {number} */ n, /** @type {SeededRandom} */ random) {
  return {
    trace_id: `T${Math.floor(n / 50)}`,
    span_id: `S${n}`,
    event_type: random.of(['job:progress', 'job:started', 'job:completed', 'job:failed']),
    timestamp: new Date().toISOString(),
    data: { note: 'x'.repeat(random.below(300)) },
  };
}

function median(/** @type {number[]} */ values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
