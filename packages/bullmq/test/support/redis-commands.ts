import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
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
  const commands: RedisCommand[] = [];
  const end = `end ${world.prefix}`;
  let ended = false;
  await watchCommands(world, (command) => {
    if (command.args.includes(end)) ended = true;
    else if (command.args.some((arg) => arg.startsWith(world.prefix))) commands.push(command);
  });
  await fn();
  await world.redis.echo(end);
  await waitFor(() => ended, { what: 'the end of the monitored commands' });
  return commands.filter(({ name }) => name !== 'bzpopmin');
}

function nameOf(command: string, script: string | undefined): string {
  return /^evalsha$/i.test(command) ? `script ${script}` : command.toLowerCase();
}

/**
 * Tells of all commands, until the test is over; over a socket of its own: ioredis fails when a command of another client comes right behind the answer to MONITOR.
 *
 * @see {@link https://redis.io/docs/latest/commands/monitor/ | MONITOR}
 */
export async function watchCommands(
  { connection }: JobWorld,
  heard: (command: RedisCommand) => void,
): Promise<void> {
  const socket = connect(connection);
  onTestFinished(() => void socket.destroy());
  const lines = createInterface(socket);
  socket.write('MONITOR\r\n');
  await once(lines, 'line');
  lines.on('line', (line) => {
    const [command = '', ...args] = quotedWords(line);
    heard({ name: nameOf(command, args[0]), args, isFromScript: / lua\]/.test(line) });
  });
}

/** The words of a line: `1700000000.123456 [0 127.0.0.1:5000] "set" "key"`. */
function quotedWords(line: string): readonly string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) =>
    word.replaceAll(/\\(["\\])/g, '$1'),
  );
}
