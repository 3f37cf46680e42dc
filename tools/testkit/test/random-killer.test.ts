import { describe, expect, it } from 'vitest';
import { RandomKiller, spawnNode } from '../src/index.ts';

const talk = new URL('fixtures/talk.mjs', import.meta.url);
const nothing = { kill: async () => ({ code: null, signal: 'SIGKILL' as const }) };

describe('RandomKiller', () => {
  it('kills a process with SIGKILL', async () => {
    const child = spawnNode(talk, ['hello', 'wait'], { env: { LANGUAGE: 'en' } });
    await new RandomKiller({ withinMs: 20 }).kill(child);
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('strikes within its time, not always at the same moment', async () => {
    const killer = new RandomKiller({ withinMs: 3 });
    const moments = [await killer.kill(nothing), await killer.kill(nothing), await killer.kill(nothing)];
    expect(new Set(moments).size).toBeGreaterThan(1);
    for (const moment of moments) expect(moment).toBeLessThan(3);
  });

  it('tells the seed that gives the same moments again', async () => {
    const first = new RandomKiller({ withinMs: 3 });
    const again = new RandomKiller({ withinMs: 3, seed: first.seed });
    expect(await first.kill(nothing)).toBe(await again.kill(nothing));
  });
});
