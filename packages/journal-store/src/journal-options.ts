import { OptionInvalidError } from '@throughline/core';
import type { JournalRetention } from './journal-retention.ts';
import type { JournalSync } from './segment-writer.ts';

/** Where a journal is, when an append counts as durable, and how much is kept. All take effect when it is opened. */
export interface JournalStoreOptions {
  /** Created with mode 0700 when it does not exist. Any number of processes may share it. */
  readonly directory: string;
  /**
   * `'batch'`: `append` resolves after fdatasync, and survives a power loss. `'interval'`: once the kernel has it, which
   * survives the end of the process; fdatasync follows within a second. `'none'`: without fdatasync.
   *
   * @default 'batch'
   */
  readonly sync?: JournalSync | undefined;
  /**
   * Size at which a segment is ended and the next one begun, in bytes: 4,096 to 1 GiB. At most a quarter of
   * `retention.maxBytes`.
   *
   * @default 33_554_432
   */
  readonly segmentBytes?: number | undefined;
  /** What is deleted, and when. @default nothing ever */
  readonly retention?: JournalRetention | undefined;
}

const SMALLEST_SEGMENT = 4096;
const LARGEST_SEGMENT = 2 ** 30;
const syncs: readonly unknown[] = ['batch', 'interval', 'none'] satisfies JournalSync[];

/** The options of a journal, each with a value. */
export type ResolvedJournalOptions = {
  readonly [K in keyof JournalStoreOptions]-?: NonNullable<JournalStoreOptions[K]>;
};

/** The options with their defaults. @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID` */
export function journalOptions(options: JournalStoreOptions): ResolvedJournalOptions {
  const { directory, sync = 'batch', segmentBytes = 2 ** 25, retention = {} } = options ?? {};
  demandDirectory('openJournalStore', directory);
  demandSync('openJournalStore', sync);
  demandSegmentBytes('openJournalStore', segmentBytes);
  if (typeof retention !== 'object' || retention === null)
    throw new OptionInvalidError('openJournalStore.retention', retention, 'an object');
  for (const limit of ['maxAgeMs', 'maxBytes'] as const) {
    const value = retention[limit];
    if (value !== undefined && !(typeof value === 'number' && value > 0))
      throw new OptionInvalidError(`openJournalStore.retention.${limit}`, value, 'a positive number');
  }
  return { directory, sync, segmentBytes, retention };
}

export function demandDirectory(owner: string, directory: unknown): void {
  if (typeof directory !== 'string' || directory === '')
    throw new OptionInvalidError(`${owner}.directory`, directory, 'the path of a directory');
}

export function demandSync(owner: string, sync: unknown): void {
  if (!syncs.includes(sync))
    throw new OptionInvalidError(`${owner}.sync`, sync, "'batch', 'interval' or 'none'");
}

export function demandSegmentBytes(owner: string, segmentBytes: unknown): void {
  const isNumber = typeof segmentBytes === 'number';
  if (!isNumber || !(segmentBytes >= SMALLEST_SEGMENT && segmentBytes <= LARGEST_SEGMENT))
    throw new OptionInvalidError(`${owner}.segmentBytes`, segmentBytes, 'a number from 4096 to 2 ** 30');
}
