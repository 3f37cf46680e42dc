import { randomBytes } from 'node:crypto';
import process from 'node:process';
import postgres from 'postgres';

/**
 * A fresh database for one run, so that no run meets rows, statistics or cached plans of another.
 *
 * @returns {Promise<{ url: string, sql: import('postgres').Sql, drop(): Promise<void> }>}
 */
export async function freshDatabase() {
  const address = new URL(process.env.POSTGRES_URL ?? '');
  const admin = connect(address);
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await admin.unsafe(`create database ${name}`);
  address.pathname = `/${name}`;
  const sql = connect(address);
  return {
    url: address.href,
    sql,
    async drop() {
      await sql.end();
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

/** @param {URL} address */
function connect(address) {
  return postgres(address.href, { max: 1, onnotice: () => {} });
}
