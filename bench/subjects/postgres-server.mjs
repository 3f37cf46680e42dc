import { startPostgres } from '@throughline/testkit';

/** Durable commits, memory for the tables of a run, and no checkpoint that would hit one variant only. */
const DURABLE = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '256MB',
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
};

/**
 * A PostgreSQL of its own for a benchmark, whose commits reach the disk.
 *
 * @param {import('../harness/report.mjs').ServerOptions} options
 * @param {Readonly<Record<string, string>>} [settings] over these
 */
export async function durablePostgres({ postgres = 18 }, settings = {}) {
  const server = await startPostgres({ own: true, version: postgres, settings: { ...DURABLE, ...settings } });
  return { env: { POSTGRES_URL: server.url }, stop: () => server.stop() };
}
