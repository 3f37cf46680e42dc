import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testTraceStore } from '@throughline/conformance';
import { openJournalStore } from '@throughline/journal-store';
import { describe, test } from 'vitest';

describe('JournalStore', () => {
  testTraceStore({
    test,
    appendSync: true,
    createPlace: () => mkdtemp(join(tmpdir(), 'throughline-journal-')),
    open: (place) =>
      openJournalStore({ directory: join(place, 'journal'), sync: 'none', segmentBytes: 65_536 }),
    removePlace: (place) => rm(place, { recursive: true, force: true }),
    interrupt: async (place) => {
      await rename(join(place, 'journal'), join(place, 'away'));
      return () => rename(join(place, 'away'), join(place, 'journal'));
    },
  });
});
