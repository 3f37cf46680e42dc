import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { RecordedSpan } from '@throughline/core/testing';
import { waitFor } from '@throughline/testkit';
import * as host from 'bullmq';
import { onTestFinished } from 'vitest';

export const isBullmq6: boolean = 'RedisQueueBackend' in host;
const useBullmq5 = fileURLToPath(new URL('../fixtures/use-bullmq-5.mjs', import.meta.url));
/** A sandbox that imports BullMQ has to run with the major of this project. */
const execArgv = isBullmq6 ? [] : ['--import', useBullmq5];

/** The two kinds of sandbox that BullMQ has. */
export type SandboxKind = 'child process' | 'worker thread';

/** A sandbox for one test, and the spans it has flushed. */
export interface TestSandbox {
  /** For the options of a worker. */
  readonly opts: Partial<host.WorkerOptions>;
  /** What is flushed by now. */
  spans(): readonly RecordedSpan[];
  /** Waits for a span of that name. */
  span(name: string): Promise<RecordedSpan>;
}

export interface TestSandboxOptions {
  /** How long a flush takes. @default 0 */
  readonly flushMs?: number;
}

export function openSandbox(kind: SandboxKind, { flushMs = 0 }: TestSandboxOptions = {}): TestSandbox {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-sandbox-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'spans.jsonl');
  const env = { ...process.env, SPANS_FILE: file, JOURNAL: folder, FLUSH_MS: String(flushMs) };
  const spans = (): RecordedSpan[] =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line))
      : [];
  const find = (name: string): RecordedSpan | undefined => spans().find((span) => span.name === name);
  return {
    opts: {
      useWorkerThreads: kind === 'worker thread',
      workerForkOptions: { env, execArgv },
      workerThreadsOptions: { env, execArgv },
    },
    spans,
    async span(name) {
      await waitFor(() => find(name) !== undefined, { what: `span ${name} of the sandbox` });
      return find(name) as RecordedSpan;
    },
  };
}
