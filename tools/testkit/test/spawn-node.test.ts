import { describe, expect, it } from 'vitest';
import { spawnNode } from '../src/spawn-node.ts';

const talk = new URL('fixtures/talk.mjs', import.meta.url);

describe('spawnNode', () => {
  it('keeps both outputs line by line and tells the exit code', async () => {
    const child = spawnNode(talk, ['hello', 'end'], { env: { LANGUAGE: 'en' } });
    expect(await child.exited).toEqual({ code: 3, signal: null });
    expect(child.lines).toEqual(['hello en']);
    expect(child.errorLines).toEqual(['warned']);
  });

  it('waits for a line, and ends the process with a signal', async () => {
    const child = spawnNode(talk, ['hello', 'wait'], { env: { LANGUAGE: 'en' } });
    expect(await child.waitForLine(/^hello/)).toBe('hello en');
    expect(await child.kill()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('tells the output of a process that ended without the line', async () => {
    const child = spawnNode(talk, ['hello', 'end'], { env: { LANGUAGE: 'en' } });
    await expect(child.waitForLine(/goodbye/)).rejects.toThrow(
      /It ended with 3 before a line like .*hello en\nwarned/s,
    );
  });

  it('ends a process that runs for too long', async () => {
    const child = spawnNode(talk, ['hello', 'wait'], { timeoutMs: 100 });
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });
});
