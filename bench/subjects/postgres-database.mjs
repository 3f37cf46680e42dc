import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';

const LEAVE_MS = 5_000;
const LOOK_MS = 20;

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
      await othersHaveLeft(admin, name);
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

/**
 * Pools that are ending take a moment to hang up, and some fail when they are cut off.
 *
 * @param {import('postgres').Sql} admin
 * @param {string} name
 */
async function othersHaveLeft(admin, name) {
  for (let waited = 0; waited < LEAVE_MS; waited += LOOK_MS) {
    const [connection] = await admin`select 1 from pg_stat_activity where datname = ${name} limit 1`;
    if (connection === undefined) return;
    await delay(LOOK_MS);
  }
}

/** @param {URL} address */
function connect(address) {
  return postgres(address.href, { max: 1, onnotice: () => {} });
}
