import { startFaultProxy, waitFor } from '@throughline/testkit';
import postgres from 'postgres';
import { expect, it, onTestFinished } from 'vitest';
import type { LogFields } from '../../src/task/logger.ts';
import { engine } from '../engine.ts';
import { onPostgres } from '../on-postgres.ts';

onPostgres('a database that goes away', (use) => {
  it('is told of once when it is gone and once when it is back, where it is and why, without stacks', async () => {
    const proxy = await startFaultProxy({ target: use.url });
    onTestFinished(() => proxy.stop());
    const url = new URL(use.url);
    url.port = String(proxy.port);
    const sql = postgres(url.href, { backoff: () => 0.2, onnotice: () => {} });
    onTestFinished(() => sql.end({ timeout: 0 }));
    const warnings: [message: string, fields: LogFields | undefined][] = [];
    const warn = (message: string, fields?: LogFields) => void warnings.push([message, fields]);
    const { conductor, orchestrator } = engine(use, {
      sql,
      logger: { debug() {}, info() {}, warn, error: warn },
    });
    const task = conductor.createTask({ name: 'job' }, { invocable: true }, async () => {});
    const one = orchestrator({ tasks: [task], pollMs: 50 });
    await one.start();
    await proxy.set('refuse');
    await waitFor(() => warnings.length > 0, { timeoutMs: 10_000 });
    for (let tries = 0; tries < 3; tries += 1)
      await expect(conductor.invoke({ name: 'job' })).rejects.toThrow();
    await proxy.set('pass');
    await waitFor(() => warnings.length > 1, { timeoutMs: 10_000 });
    await one.stop();
    expect(warnings).toEqual([
      [
        'pgconductor: the database does not answer',
        expect.objectContaining({ code: expect.any(String), address: `127.0.0.1:${proxy.port}` }),
      ],
      ['pgconductor: the database answers again', { afterMs: expect.any(Number) }],
    ]);
    expect(warnings[0]?.[1]).not.toHaveProperty('error');
  });
});
