export { JournalNotAJournalError } from './journal-not-a-journal-error.ts';
export { JournalNotWritableError } from './journal-not-writable-error.ts';
export type { JournalHealth, JournalStoreOptions } from './journal-store.ts';
export { JournalStore, openJournalStore } from './journal-store.ts';
export type { JournalSync } from './segment-writer.ts';
