import { setTimeout as delay } from 'node:timers/promises';
import type { NodeChild } from '../spawn-node.ts';
import { SeededRandom } from './seeded-random.ts';

/** When a {@link RandomKiller} strikes. */
export interface RandomKillerOptions {
  /** What gives the same moments again, as far as a machine can. @default one that nobody chose */
  readonly seed?: number | undefined;
  /** The latest moment, in ms after it was told to. @default 50 */
  readonly withinMs?: number | undefined;
}

/**
 * Kills processes with SIGKILL, each at a random moment: nothing in them gets to say a last word.
 *
 * @example
 * ```ts
 * import { RandomKiller, spawnNode } from '@throughline/testkit';
 *
 * const killer = new RandomKiller({ withinMs: 200 });
 * const writer = spawnNode(new URL('fixtures/writer.mjs', import.meta.url));
 * await writer.waitForLine(/^ready/);
 * const afterMs = await killer.kill(writer);
 * console.log(`seed ${killer.seed}: killed after ${afterMs} ms`);
 * ```
 */
export class RandomKiller {
  readonly seed: number;
  readonly #random: SeededRandom;
  readonly #withinMs: number;

  constructor({ seed, withinMs = 50 }: RandomKillerOptions = {}) {
    this.#random = new SeededRandom(seed);
    this.seed = this.#random.seed;
    this.#withinMs = withinMs;
  }

  /**
   * Waits for a random moment, kills, and resolves when the process is gone.
   *
   * @returns the moment, in ms after the call, with a fraction
   */
  async kill({ kill }: Pick<NodeChild, 'kill'>): Promise<number> {
    const moment = this.#random.below(this.#withinMs * 1000) / 1000;
    const start = performance.now();
    await delay(Math.floor(moment));
    // Timers know whole milliseconds; what is to be hit is shorter.
    while (performance.now() - start < moment);
    await kill('SIGKILL');
    return moment;
  }
}
