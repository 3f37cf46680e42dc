import { noopTelemetry } from '@throughline/core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type JobShape, jobShapes, processors } from './support/job-shapes.ts';
import { ambientRecording, openJobWorld } from './support/job-world.ts';
import { commandsDuring } from './support/redis-commands.ts';
import { bare, dropIns, layers, type Surface, throwingTelemetry } from './support/surfaces.ts';

/** The names of the commands that one surface gives for a shape, added and then processed. */
async function commandsOf(
  { add, processor = 'works', endings }: JobShape,
  surface: Surface,
): Promise<{ readonly adding: readonly string[]; readonly processing: readonly string[] }> {
  const world = openJobWorld();
  const producers = { queue: surface.queue(world, 'mail'), flows: surface.flows(world) };
  await producers.flows.waitUntilReady();
  // Answered after what the constructor sends by itself.
  await producers.queue.getJobCounts();
  const adding = await commandsDuring(world, () => add(producers));
  const processing = await commandsDuring(world, async () => {
    const opts = { skipStalledCheck: true };
    const worker = surface.worker(world, 'mail', processors[processor], opts);
    let left = endings;
    await new Promise<void>((resolve) => {
      const ended = (): void => {
        left -= 1;
        if (left === 0) resolve();
      };
      worker.on('completed', ended).on('failed', ended);
    });
    await worker.close();
  });
  const namesOf = (commands: typeof adding): string[] =>
    commands.filter(({ isFromScript }) => !isFromScript).map(({ name }) => name);
  return { adding: namesOf(adding), processing: namesOf(processing) };
}

beforeEach(() => void vi.spyOn(console, 'warn').mockReturnValue());

describe.each(jobShapes)('the commands that Redis gets for $what', (shape) => {
  let commandsOfBare: ReturnType<typeof commandsOf> | undefined;

  it.each([
    { how: 'without telemetry', surface: () => dropIns(undefined) },
    { how: 'with a telemetry that is off', surface: () => dropIns(noopTelemetry) },
    { how: 'with a telemetry that throws', surface: () => dropIns(throwingTelemetry()) },
    { how: 'when they are traced', surface: () => dropIns(ambientRecording()) },
    { how: "when BullMQ's own classes are traced", surface: () => layers(ambientRecording()) },
  ])('are the same $how', async ({ surface }) => {
    commandsOfBare ??= commandsOf(shape, bare);
    const expected = await commandsOfBare;

    expect(expected.adding.length).toBeGreaterThan(0);
    expect(expected.processing.length).toBeGreaterThan(0);
    expect(await commandsOf(shape, surface())).toEqual(expected);
  });
});
