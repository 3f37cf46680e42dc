import { randomBytes } from 'node:crypto';
import { type ProcessIdentity, thisProcess } from './process-identity.ts';

export const SEGMENT_SUFFIX = '.ndjson';

/** What the name of a segment says. */
export interface SegmentName {
  /** When it was begun, in ms since the epoch. */
  readonly openedAt: number;
  readonly owner: ProcessIdentity;
  /** Eight hex digits: one opening of a journal or spool. */
  readonly boot: string;
}

/**
 * The file name of a segment: `20260131T120000000Z_web-1_5f3a01c2_4711_k3f9_9f3a01c2.ndjson`, which is when it was begun,
 * host, machine, pid, start of the process, boot. Names sort as the segments were begun.
 */
export function formatSegmentName({ openedAt, owner, boot }: SegmentName): string {
  const time = new Date(openedAt).toISOString().replaceAll(/[-:.]/g, '');
  const { host, machine, pid, startedAt } = owner;
  return `${[time, host, machine, pid, startedAt, boot].join('_')}${SEGMENT_SUFFIX}`;
}

const NAME =
  /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z_([A-Za-z0-9.-]{1,63})_([0-9a-f]{8})_(\d{1,10})_([0-9a-z]{1,12})_([0-9a-f]{8})\.ndjson$/;

/** @returns `undefined` for a name that {@link formatSegmentName} does not give */
export function parseSegmentName(name: string): SegmentName | undefined {
  const [whole, year, month, day, hour, minute, second, ms, host, machine, pid, startedAt, boot] =
    NAME.exec(name) ?? [];
  if (whole === undefined) return undefined;
  const openedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  if (Number.isNaN(openedAt)) return undefined;
  return {
    openedAt,
    owner: { host: host ?? '', machine: machine ?? '', pid: Number(pid), startedAt: startedAt ?? '' },
    boot: boot ?? '',
  };
}

/** Eight random hex digits for one opening of a journal or spool. */
export function newBoot(): string {
  return randomBytes(4).toString('hex');
}

/** Gives names for the segments of one boot of this process, each later than the one before. */
export function segmentNames(boot: string): () => string {
  let latest = 0;
  return () => {
    latest = Math.max(Date.now(), latest + 1);
    return formatSegmentName({ openedAt: latest, owner: thisProcess(), boot });
  };
}
