import { OptionInvalidError } from '@throughline/core';
import { ConformanceFailedError } from './conformance-failed-error.ts';
import { SeededRandom } from './seeded-random.ts';
import type { Awaitable, TestFunction } from './test-function.ts';
import { UnmetDemandError } from './unmet-demand-error.ts';

/** One case of a suite. */
export interface ConformanceCase<World, Feature extends string = never> {
  /** Number of the MUST it proves, with a letter when it has several cases: `2b`. */
  readonly id: string;
  /** What holds, as the end of a sentence that begins with the thing under test. */
  readonly title: string;
  /** What the thing under test, or its harness, must offer. */
  readonly needs?: readonly Feature[];
  readonly run: (world: World) => Awaitable<unknown>;
  /** What holds instead where something is not offered. @default nothing: the name of the test tells it */
  readonly otherwise?: (world: World) => Awaitable<unknown>;
}

/** What every harness may say about a run. */
export interface SuiteOptions {
  /** `test` or `it` of a runner. */
  readonly test: TestFunction;
  /** Repeats the random choices of a run that printed this number. @default another one in each run */
  readonly seed?: number | undefined;
  /**
   * How long one case may take, in milliseconds. Keep it below the limit of your runner, whose message has no seed.
   *
   * @default 4_500
   */
  readonly deadlineMs?: number | undefined;
}

/** What a case works with, made for it alone. */
export interface CaseWorld {
  /** Called when the case is over, however it ended. */
  close(): Promise<void>;
}

/** A suite, ready to be registered. */
export interface Suite<World, Feature extends string> {
  /** What is tested: `TraceStore`. */
  readonly name: string;
  readonly cases: readonly ConformanceCase<World, Feature>[];
  /** Why a feature is not offered; features that are have no entry. */
  readonly lacking: Readonly<Partial<Record<Feature, string>>>;
  open(random: SeededRandom): Promise<World & CaseWorld>;
}

/**
 * Registers every case with the runner, in order. Cases that do not apply are registered, too: their names say why, and
 * they prove what holds instead.
 *
 * @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID`
 */
export function runSuite<World, Feature extends string>(
  suite: Suite<World, Feature>,
  { test, seed = Math.floor(Math.random() * 2 ** 31), deadlineMs = 4_500 }: SuiteOptions,
): void {
  if (typeof test !== 'function')
    throw new OptionInvalidError(
      `${suite.name}.test`,
      test,
      'the function by which your runner is told of a test',
    );
  for (const each of suite.cases) {
    const reason = each.needs?.map((feature) => suite.lacking[feature]).find((lack) => lack !== undefined);
    const title = reason === undefined ? each.title : `${each.title} (not offered: ${reason})`;
    const run = reason === undefined ? each.run : each.otherwise;
    test(`${suite.name} ${each.id}. ${title}`, async () => {
      try {
        if (run) await within(deadlineMs, inWorld(suite, SeededRandom.for(seed, each.id), run));
      } catch (cause) {
        throw new ConformanceFailedError({ suite: suite.name, id: each.id, title, seed }, cause);
      }
    });
  }
}

async function inWorld<World, Feature extends string>(
  suite: Suite<World, Feature>,
  random: SeededRandom,
  run: (world: World) => Awaitable<unknown>,
): Promise<void> {
  const world = await suite.open(random);
  try {
    await run(world);
  } finally {
    await world.close();
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UnmetDemandError(`it did not come to an end within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
