import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { describe, expect, it } from 'vitest';
import { memoryFolder } from '../src/memory-folder.ts';
import { startPostgres } from '../src/start-postgres.ts';

describe.each([18, 14] as const)('startPostgres with version %i', (version) => {
  it('gives that version, which locks, notifies and is gone after stop', async () => {
    const server = await startPostgres({ version });
    const sql = postgres(server.url, { onnotice: () => {} });
    const [{ server_version: answered } = {}] = await sql`show server_version`;
    expect(String(answered).split('.')[0]).toBe(String(version));
    expect(server.version).toBe(answered);

    await sql`create table job (id int primary key)`;
    await sql`insert into job values (1), (2)`;
    const claimed = await sql.begin(async (first) => {
      const one = await first`select id from job order by id for update skip locked limit 1`;
      const other = await sql`select id from job order by id for update skip locked limit 1`;
      return [one[0]?.id, other[0]?.id];
    });
    expect(claimed).toEqual([1, 2]);

    const heard = new Promise<string>((resolve) => {
      void sql.listen('work', resolve).then(() => sql.notify('work', 'job 1'));
    });
    expect(await heard).toBe('job 1');
    await sql.end();

    await server.stop();
    const late = postgres(server.url, { connect_timeout: 1 });
    await expect(late`select 1`).rejects.toThrow('ECONNREFUSED');
    await late.end();
  });
});

describe('startPostgres', () => {
  it.each(['fast', 'immediate'] as const)(
    'comes back after a %s halt, at the same address with its data',
    async (mode) => {
      const server = await startPostgres({ own: true, settings: { synchronous_commit: 'on' } });
      const sql = postgres(server.url, { connect_timeout: 1, onnotice: () => {} });
      await sql`create table kept (id int)`;
      await sql`insert into kept values (1)`;
      await server.halt(mode);
      await expect(sql`select 1`).rejects.toThrow();
      await server.resume();
      expect(await sql`select id from kept`).toEqual([{ id: 1 }]);
      await sql.end();
      await server.stop();
    },
  );

  it('keeps its data in memory when asked, where there is room, and leaves nothing there', async () => {
    const server = await startPostgres({ own: true, inMemory: true });
    const sql = postgres(server.url);
    const [{ data_directory: folder } = {}] = await sql`show data_directory`;
    expect(path.dirname(path.dirname(folder))).toBe((await memoryFolder()) ?? tmpdir());
    await sql.end();
    await server.stop();
    expect(existsSync(folder)).toBe(false);
  });

  it('lets nobody in without the password', async () => {
    const server = await startPostgres({ own: true });
    const sql = postgres(server.url, { password: 'guess' });
    await expect(sql`select 1`).rejects.toThrow('password authentication failed');
    await sql.end();
    await server.stop();
  });
});
