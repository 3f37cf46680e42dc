import { waitFor } from '@throughline/testkit';
import { onTestFinished } from 'vitest';
import type { JobWorld } from './job-world.ts';

/** A command as Redis got it, or as a script in Redis gave it. */
export interface RedisCommand {
  /** Lower case; a script by its digest, because only its first call sends the text. */
  readonly name: string;
  readonly args: readonly string[];
  readonly isFromScript: boolean;
}

/** The commands on keys of `world` that are given while `fn` runs, blocking waits for work left out. */
export async function commandsDuring(
  world: JobWorld,
  fn: () => Promise<unknown>,
): Promise<readonly RedisCommand[]> {
  const monitor = await world.redis.monitor();
  onTestFinished(() => monitor.disconnect());
  const commands: RedisCommand[] = [];
  const end = `end ${world.prefix}`;
  let ended = false;
  monitor.on('monitor', (_time: string, [command = '', ...quoted]: string[], source: string) => {
    const args = quoted.map((arg) => arg.replaceAll('\\\\', '\\')); // Redis quotes them; the client undoes half of it.
    if (args.includes(end)) ended = true;
    else if (args.some((arg) => arg.startsWith(world.prefix)))
      commands.push({ name: nameOf(command, args[0]), args, isFromScript: source === 'lua' });
  });
  await fn();
  await world.redis.echo(end);
  await waitFor(() => ended, { what: 'the end of the monitored commands' });
  return commands.filter(({ name }) => name !== 'bzpopmin');
}

function nameOf(command: string, script: string | undefined): string {
  return /^evalsha$/i.test(command) ? `script ${script}` : command.toLowerCase();
}
