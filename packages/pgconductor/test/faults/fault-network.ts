import { type FaultProxy, startFaultProxy } from '@throughline/testkit';
import { onTestFinished, type TestContext } from 'vitest';
import type { TestPostgres } from '../on-postgres.ts';

/** A network between a worker and its database, with faults. */
export interface FaultNetwork {
  readonly proxy: FaultProxy;
  /** Address of the database, through the proxy. */
  readonly url: string;
}

/** @param test that it ends with; those that run at the same time say it */
export async function faultNetwork(
  use: Pick<TestPostgres, 'url'>,
  test: Pick<TestContext, 'onTestFinished'> = { onTestFinished },
): Promise<FaultNetwork> {
  const proxy = await startFaultProxy({ target: use.url });
  test.onTestFinished(() => proxy.stop());
  const url = new URL(use.url);
  url.port = String(proxy.port);
  return { proxy, url: url.href };
}
