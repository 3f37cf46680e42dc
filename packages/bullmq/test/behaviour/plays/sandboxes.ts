import { fileURLToPath } from 'node:url';
import { openSandbox, type SandboxKind } from '../../support/sandbox.ts';
import type { Play, Plays } from '../situation.ts';

const plain = fileURLToPath(new URL('../../fixtures/sandboxed-mail.cjs', import.meta.url));
const withOwnSpan = fileURLToPath(new URL('../../fixtures/sandboxed-charge.mjs', import.meta.url));

const sandboxed =
  (kind: SandboxKind, fails: boolean): Play =>
  async (stage) => {
    stage.worker(plain, openSandbox(kind).opts);
    await stage.queue().add('job', { fails });
    await stage.ended('process mail');
  };

const charging =
  (kind: SandboxKind): Play =>
  async (stage) => {
    const worker = stage.worker(withOwnSpan, openSandbox(kind).opts);
    const result = new Promise<string>((resolve) => worker.on('completed', (_job, told) => resolve(told)));
    await stage.queue().add('job', {});
    const { spans, events } = JSON.parse(await result);
    stage.told(spans, events);
    await stage.ended('process mail');
  };

/** Processors in a file. */
export const sandboxes: Plays = {
  'A processor in a child process works': sandboxed('child process', false),
  'A processor in a child process fails': sandboxed('child process', true),
  'A processor in a child process has a span of its own (`sandboxProcessor`)': charging('child process'),
  'A processor in a thread works': sandboxed('worker thread', false),
  'A processor in a thread fails': sandboxed('worker thread', true),
  'A processor in a thread has a span of its own (`sandboxProcessor`)': charging('worker thread'),
};
