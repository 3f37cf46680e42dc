import type { FlushResult, WriterStats } from './telemetry.ts';

/** The result of several telemetries as one: as complete as the least complete, accounts added up. */
export function mergeFlushResults(results: readonly FlushResult[]): FlushResult {
  const worst =
    results.find(({ complete }) => complete === false) ??
    results.find(({ complete }) => complete === 'unknown');
  const accounts = results.flatMap(({ account }) => (account ? [account] : []));
  return {
    complete: worst?.complete ?? true,
    reason: worst?.reason,
    error: worst?.error,
    account: accounts.length > 0 ? accounts.reduce(addAccounts) : undefined,
  };
}

function addAccounts(a: WriterStats, b: WriterStats): WriterStats {
  const dropped: Record<string, number> = { ...a.dropped };
  for (const [reason, count] of Object.entries(b.dropped)) dropped[reason] = (dropped[reason] ?? 0) + count;
  return {
    accepted: a.accepted + b.accepted,
    stored: a.stored + b.stored,
    duplicates: a.duplicates + b.duplicates,
    spooled: a.spooled + b.spooled,
    dropped,
    rejected: a.rejected + b.rejected,
    buffered: a.buffered + b.buffered,
    replayed: a.replayed + b.replayed,
  };
}
