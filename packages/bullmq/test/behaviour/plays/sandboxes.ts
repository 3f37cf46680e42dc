import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from '../../../src/index.ts';
import type { Play, Plays } from '../situation.ts';

const processor = fileURLToPath(new URL('../../fixtures/sandboxed-mail.cjs', import.meta.url));

const sandboxed =
  (name: 'works' | 'fails', opts: Partial<WorkerOptions>): Play =>
  async (stage) => {
    stage.worker(processor, opts);
    await stage.queue().add(name, {});
    await stage.ended('process mail');
  };

/** Processors in a file. */
export const sandboxes: Plays = {
  'A processor in a child process works': sandboxed('works', {}),
  'A processor in a child process fails': sandboxed('fails', {}),
  'A processor in a thread works': sandboxed('works', { useWorkerThreads: true }),
  'A processor in a thread fails': sandboxed('fails', { useWorkerThreads: true }),
};
