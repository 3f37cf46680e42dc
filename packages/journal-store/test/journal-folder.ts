import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TraceEvent } from '@throughline/core/events';
import {
  type JournalSpool,
  type JournalSpoolOptions,
  type JournalStore,
  type JournalStoreOptions,
  openJournalSpool,
  openJournalStore,
} from '@throughline/journal-store';

/** A folder for one test, with a journal or a spool in it. */
export interface JournalFolder {
  readonly folder: string;
  readonly directory: string;
  openStore(options?: Partial<JournalStoreOptions>): Promise<JournalStore>;
  openSpool(options?: Partial<JournalSpoolOptions>): Promise<JournalSpool>;
  /** Paths of the segments, oldest first. */
  segments(): Promise<string[]>;
  /** Closes what was opened and deletes the folder. */
  remove(): Promise<void>;
}

export async function journalFolder(): Promise<JournalFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-journal-'));
  const directory = join(folder, 'journal');
  const opened: { close(): Promise<void> }[] = [];
  return {
    folder,
    directory,
    async openStore(options = {}) {
      const store = await openJournalStore({ directory, sync: 'none', ...options });
      opened.push(store);
      return store;
    },
    async openSpool(options = {}) {
      const spool = await openJournalSpool({ directory, sync: 'none', ...options });
      opened.push(spool);
      return spool;
    },
    async segments() {
      const names = (await readdir(directory)).filter((name) => name.endsWith('.ndjson'));
      return names.sort().map((name) => join(directory, name));
    },
    async remove() {
      await Promise.all(opened.map((each) => each.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function event(traceId: string, spanId: string, more: Partial<TraceEvent> = {}): TraceEvent {
  return {
    trace_id: traceId,
    span_id: spanId,
    event_type: 'job:started',
    timestamp: '2026-01-31T12:00:00.000000Z',
    ...more,
  };
}

/** So many events of one trace, of about 300 bytes each. */
export function events(traceId: string, count: number): TraceEvent[] {
  return Array.from({ length: count }, (_, index) =>
    event(traceId, `S${index}`, { data: { note: 'x'.repeat(150) } }),
  );
}
