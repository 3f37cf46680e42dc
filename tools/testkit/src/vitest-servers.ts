import type { TestProject } from 'vitest/node';
import type { SharedServers } from './shared-servers.ts';
import { type PostgresServer, startPostgres } from './start-postgres.ts';
import { startRedis } from './start-redis.ts';
import type { EmbeddedVersion } from './unpacked-postgres.ts';

interface SharedServer {
  readonly url: string;
  stop(): Promise<void>;
}

const shared: Record<keyof SharedServers, () => Promise<SharedServer>> = {
  redisUrl: () => startRedis(),
  postgres18Url: () => sharedPostgres(18),
  postgres14Url: () => sharedPostgres(14),
};

/**
 * The `globalSetup` of the integration projects: starts what their tests share and gives them the addresses.
 *
 * When one server cannot start, the others are stopped before the reason is thrown.
 */
export default async function startSharedServers(project: TestProject): Promise<() => Promise<void>> {
  const names = Object.keys(shared) as (keyof SharedServers)[];
  const results = await Promise.allSettled(names.map((name) => shared[name]()));
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stopAll = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
  };
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await stopAll();
    throw failed.reason;
  }
  for (const [index, name] of names.entries()) project.provide(name, started[index]?.url ?? '');
  return stopAll;
}

/** With room for the databases and connections of several test files at a time, and little of it taken by the log. */
function sharedPostgres(version: EmbeddedVersion): Promise<PostgresServer> {
  return startPostgres({
    version,
    own: true,
    inMemory: true,
    settings: { max_connections: '300', shared_buffers: '128MB', max_wal_size: '256MB' },
  });
}
