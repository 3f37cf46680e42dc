import { waitFor } from '@throughline/testkit';
import { expect, it } from 'vitest';
import { onPostgres } from '../on-postgres.ts';
import { faultWorld, sound, stopped } from './fault-world.ts';

onPostgres(
  'a worker that is frozen past its lease and goes on',
  (use) => {
    it('changes nothing any more, and begins nothing that others have done', async () => {
      const world = await faultWorld(use);
      await world.invoke('work', Array(300).fill({}));
      await world.invoke('work', Array(200).fill({ ms: 25 }));
      await world.invoke('single', Array(5).fill({ ms: 5 }));
      const frozen = await world.worker({ concurrency: 10, batchSize: 100 });
      await waitFor(async () => (await world.runs()) > 320);
      process.kill(frozen.pid, 'SIGSTOP');
      const other = await world.worker({ concurrency: 50 });
      await waitFor(async () => (await world.ended()) === 505, {
        timeoutMs: 15_000,
        what: 'the other to do it all',
      });
      process.kill(frozen.pid, 'SIGCONT');
      await world.invoke('work', Array(20).fill({}));
      await waitFor(async () => (await world.ended()) === 525, { timeoutMs: 15_000 });
      await stopped(frozen);
      await stopped(other);
      const account = await world.account();
      expect(account).toEqual({ ...sound, outcomes: { completed: 525 } });
    });
  },
  [18],
);
