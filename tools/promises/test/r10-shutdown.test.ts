/**
 * R10: graceful shutdown meets its deadline and gives the account; signals are not hijacked, and nothing keeps the event
 * loop alive.
 */
import { createEventTelemetry } from '@throughline/core';
import { EventWriter } from '@throughline/core/events';
import { checkAccount, HostileStore, spawnNode, storeFaults, VirtualClock } from '@throughline/testkit';
import { describe, expect, it } from 'vitest';
import { events } from './support/build-event.ts';

const timeoutMs = 300;

describe.each(storeFaults)('a writer whose store %s', (fault) => {
  it.each(['close', 'flush'] as const)(
    'returns from %s by the deadline, with an exact account',
    async (method) => {
      const clock = new VirtualClock();
      const writer = new EventWriter(new HostileStore({ faults: [fault], clock, lateMs: 60_000 }), { clock });
      for (const each of events(250)) writer.emit(each);
      let isDone = false;
      const ending = writer[method]({ timeoutMs }).finally(() => {
        isDone = true;
      });
      await clock.advance(timeoutMs);
      expect(isDone).toBe(true);
      const account = checkAccount(await ending);
      expect(account.complete).toBe(account.stored + account.duplicates === account.accepted);
    },
  );

  it('returns from the shutdown of its telemetry', async () => {
    const clock = new VirtualClock();
    const writer = new EventWriter(new HostileStore({ faults: [fault], clock, lateMs: 60_000 }), { clock });
    const telemetry = createEventTelemetry({ writer });
    telemetry.startSpan('work').end();
    const stopping = telemetry.shutdown({ timeoutMs });
    await clock.advance(timeoutMs);
    const { account } = await stopping;
    expect(account && checkAccount(account).accepted).toBeGreaterThan(0);
  });
});

describe('a process with a writer', () => {
  const run = (mode: string) => spawnNode(new URL('fixtures/end-with-a-writer.mjs', import.meta.url), [mode]);

  it('ends by itself while its store is down and nobody closed anything', async () => {
    expect(await run('left open').exited).toEqual({ code: 0, signal: null });
  });

  it('ends by itself after a close that met its deadline', async () => {
    const child = run('closed');
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(JSON.parse(child.lines[0] ?? '')).toMatchObject({ complete: false, reason: 'timeout', stored: 0 });
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ends by %s as without one', async (signal) => {
    const child = run('waiting');
    expect(await child.waitForLine(/listeners/)).toBe('0 listeners');
    expect(await child.kill(signal)).toEqual({ code: null, signal });
  });
});
