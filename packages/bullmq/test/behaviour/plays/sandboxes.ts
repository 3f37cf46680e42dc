import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from '../../../src/index.ts';
import type { Play, Plays } from '../situation.ts';

const processor = fileURLToPath(new URL('../../fixtures/sandboxed-mail.cjs', import.meta.url));

const sandboxed =
  (fails: boolean, opts: Partial<WorkerOptions>): Play =>
  async (stage) => {
    stage.worker(processor, opts);
    await stage.queue().add('job', { fails });
    await stage.ended('process mail');
  };

/** Processors in a file. */
export const sandboxes: Plays = {
  'A processor in a child process works': sandboxed(false, {}),
  'A processor in a child process fails': sandboxed(true, {}),
  'A processor in a thread works': sandboxed(false, { useWorkerThreads: true }),
  'A processor in a thread fails': sandboxed(true, { useWorkerThreads: true }),
};
