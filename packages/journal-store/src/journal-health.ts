/** What a journal is, and what could not be used of it, as far as this store has read and written it. */
export interface JournalHealth {
  /** Lines whose checksum did not match, or that hold no event. They are left out. */
  readonly damagedLines: number;
  /** Bytes after the last whole line of a segment at the latest look at it: a write under way, or one cut short. */
  readonly tornBytes: number;
  /** Segments that have a damaged line or torn bytes, by file name, with how many of each. */
  readonly damaged: readonly SegmentDamage[];
  /** Segments at the latest look. */
  readonly segments: number;
  /** What retention has deleted. */
  readonly deleted: DeletedSegments;
  /** Syncs of `sync: 'interval'` that failed: what was appended in that second may be lost with the power. */
  readonly failedSyncs: number;
}

/** What could not be used of one segment. */
export interface SegmentDamage {
  readonly segment: string;
  readonly damagedLines: number;
  readonly tornBytes: number;
}

/** What the retention of this store has deleted since it was opened; zeros without one. */
export interface DeletedSegments {
  readonly segments: number;
  readonly bytes: number;
  /** How often something could not be deleted, or not be looked at. */
  readonly failedPasses: number;
}

export const nothingDeleted: DeletedSegments = { segments: 0, bytes: 0, failedPasses: 0 };

/** Sums up what was met in segments. */
export function journalDamage(
  segments: readonly SegmentView[],
): Pick<JournalHealth, 'damagedLines' | 'tornBytes' | 'damaged'> {
  const damaged = segments
    .map(({ name, damaged, tornBytes }) => ({ segment: name, damagedLines: damaged.size, tornBytes }))
    .filter(({ damagedLines, tornBytes }) => damagedLines + tornBytes > 0);
  return {
    damagedLines: damaged.reduce((sum, { damagedLines }) => sum + damagedLines, 0),
    tornBytes: damaged.reduce((sum, { tornBytes }) => sum + tornBytes, 0),
    damaged,
  };
}

interface SegmentView {
  readonly name: string;
  readonly damaged: ReadonlySet<number>;
  readonly tornBytes: number;
}
