import { OptionInvalidError } from '@throughline/core';
import { demandDirectory, demandSegmentBytes, demandSync } from './journal-options.ts';
import type { JournalSync } from './segment-writer.ts';

/** Where a spool is, and how much it takes. All take effect when it is opened. */
export interface JournalSpoolOptions {
  /** Created with mode 0700 when it does not exist. Not that of a journal. Processes may share it. */
  readonly directory: string;
  /** How large all segments in the directory may become together, in bytes. @default 268_435_456 */
  readonly maxBytes?: number | undefined;
  /** When events count as kept, as of `openJournalStore`. @default 'batch' */
  readonly sync?: JournalSync | undefined;
  /**
   * Size at which a segment is ended and the next one begun, in bytes: 4,096 to 1 GiB. What is given back is deleted
   * segment by segment.
   *
   * @default 8_388_608
   */
  readonly segmentBytes?: number | undefined;
  /** Events in a batch of `pending`, at most. @default 100 */
  readonly batchEvents?: number | undefined;
  /**
   * How long a process of another machine or container may be silent before it counts as ended, in ms. A running one gives
   * a sign of life every 30 s.
   *
   * @default 120_000
   */
  readonly foreignAfterMs?: number | undefined;
}

/** The options with their defaults. @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID` */
export function spoolOptions(options: JournalSpoolOptions): ResolvedSpoolOptions {
  const {
    directory,
    maxBytes = 2 ** 28,
    sync = 'batch',
    segmentBytes = 2 ** 23,
    batchEvents = 100,
    foreignAfterMs = 120_000,
  } = options ?? {};
  demandDirectory('openJournalSpool', directory);
  demandSync('openJournalSpool', sync);
  demandSegmentBytes('openJournalSpool', segmentBytes);
  for (const [name, value] of Object.entries({ maxBytes, batchEvents, foreignAfterMs })) {
    if (!(typeof value === 'number' && value >= 1))
      throw new OptionInvalidError(`openJournalSpool.${name}`, value, 'a number of at least 1');
  }
  return { directory, maxBytes, sync, segmentBytes, batchEvents, foreignAfterMs };
}

/** Every option has a value. */
export type ResolvedSpoolOptions = {
  readonly [K in keyof JournalSpoolOptions]-?: NonNullable<JournalSpoolOptions[K]>;
};
