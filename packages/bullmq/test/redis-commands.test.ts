import type { Telemetry } from '@throughline/core';
import { waitFor } from '@throughline/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bullmqTelemetry } from '../src/index.ts';
import { ambientRecording, type JobWorld, openJobWorld } from './support/job-world.ts';

const jobs = 12;

/** The commands on keys of `world` that Redis sees while `fn` runs, blocking waits for work left out. */
async function commandsDuring(world: JobWorld, fn: () => Promise<void>): Promise<readonly string[]> {
  const monitor = await world.redis.monitor();
  onTestFinished(() => monitor.disconnect());
  const commands: string[] = [];
  const end = `end ${world.prefix}`;
  let ended = false;
  monitor.on('monitor', (_time: string, [command = '', script = '', ...rest]: string[]) => {
    if (rest.concat(script).includes(end)) ended = true;
    else if (rest.concat(script).some((arg) => arg.startsWith(world.prefix)))
      commands.push(nameOf(command, script));
  });
  await fn();
  await world.redis.echo(end);
  await waitFor(() => ended, { what: 'the end of the monitored commands' });
  return commands.filter((command) => !command.startsWith('bzpopmin'));
}

/** Scripts are told apart by their digest; a first call sends the whole script instead. */
function nameOf(command: string, script: string): string {
  return /^evalsha$/i.test(command) ? `script ${script}` : command.toLowerCase();
}

interface Counted {
  readonly adding: readonly string[];
  readonly processing: readonly string[];
}

async function countCommands(telemetry: Partial<Telemetry> | undefined, isDropIn: boolean): Promise<Counted> {
  const world = openJobWorld();
  const host = telemetry ? { telemetry: bullmqTelemetry(telemetry) } : {};
  const queue = isDropIn ? world.queue('mail', telemetry) : world.hostQueue('mail', host);
  await queue.waitUntilReady();
  await queue.add('warm-up', {});
  const adding = await commandsDuring(world, async () => {
    for (let index = 1; index < jobs; index += 1) await queue.add('welcome', {});
  });
  const processing = await commandsDuring(world, async () => {
    let left = jobs;
    const processor = async () => {};
    const opts = { skipStalledCheck: true };
    const worker = isDropIn
      ? world.worker('mail', processor, telemetry, opts)
      : world.hostWorker('mail', processor, { ...opts, ...host });
    await new Promise<void>((resolve) => {
      worker.on('completed', () => {
        left -= 1;
        if (left === 0) resolve(worker.close());
      });
    });
  });
  return { adding, processing };
}

describe('the commands that Redis gets', () => {
  it('are the same with the drop-in classes as without', async () => {
    const bare = await countCommands(undefined, false);

    expect(bare.adding.length).toBeGreaterThanOrEqual(jobs - 1);
    expect(bare.processing.length).toBeGreaterThanOrEqual(jobs);
    expect(await countCommands(ambientRecording(), true)).toEqual(bare);
  });

  it("are the same with BullMQ's classes and bullmqTelemetry", async () => {
    const bare = await countCommands(undefined, false);

    expect(await countCommands(ambientRecording(), false)).toEqual(bare);
  });
});
