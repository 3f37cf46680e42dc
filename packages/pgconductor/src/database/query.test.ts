import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Query, query } from './query.ts';
import type { SqlClient } from './sql-client.ts';

const claim: Query = { label: 'claim', text: 'select 1', schema: 'jobs', isRepeatable: true };

/** A client that does each of these in turn, and what it was asked. */
function client(...answers: (() => Promise<readonly Record<string, unknown>[]>)[]): {
  sql: SqlClient;
  asked: string[][];
} {
  const asked: string[][] = [];
  const unsafe = (_text: string, parameters: string[] = []) => {
    asked.push(parameters);
    return (answers[asked.length - 1] ?? silence)();
  };
  return { sql: { unsafe }, asked };
}

const pool = ({ sql }: { sql: SqlClient }): SqlClient => ({ ...sql, begin() {} }) as SqlClient;
const silence = () => new Promise<never>(() => {});
const answer = async () => [{ answer: 1 }];
const failing = (code: string) => async () => {
  throw Object.assign(new Error(code), { code });
};

function fakeTimers(): void {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

describe('query', () => {
  it('sends again what is not answered, and is more patient each time', async () => {
    fakeTimers();
    const silent = client(silence, silence, answer);
    const answered = query(pool(silent), claim, []);
    await vi.advanceTimersByTimeAsync(10_100);
    expect(silent.asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(19_000);
    expect(silent.asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1_200);
    expect(await answered).toEqual({ answer: 1 });
  });

  it('says that what may not be repeated may have taken effect', async () => {
    fakeTimers();
    const answered = query(pool(client()), { ...claim, isRepeatable: false }, []);
    const rejected = expect(answered).rejects.toMatchObject({
      code: 'THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE',
      wasSent: true,
    });
    await vi.advanceTimersByTimeAsync(10_000);
    await rejected;
  });

  it('sends again what a client that lost it answers with nothing', async () => {
    const lossy = client(async () => [], answer);
    expect(await query(pool(lossy), claim, ['1'], () => ['2'])).toEqual({ answer: 1 });
    expect(lossy.asked).toEqual([['1'], ['2']]);
  });

  it('sends what was not let in again', async () => {
    expect(await query(pool(client(failing('28P01'), answer)), claim, [])).toEqual({ answer: 1 });
  });

  it('sends nothing again in a transaction of the caller, whose errors are the caller’s', async () => {
    const deadlocked = client(failing('40P01'), answer);
    await expect(query(deadlocked.sql, claim, [])).rejects.toMatchObject({ code: '40P01' });
    expect(deadlocked.asked).toHaveLength(1);
  });

  it.each(['3F000', '42P01', '42883'])('says that the schema is missing when %s does', async (code) => {
    await expect(query(pool(client(failing(code))), claim, [])).rejects.toMatchObject({
      code: 'THROUGHLINE_PGCONDUCTOR_SCHEMA_MISSING',
      schema: 'jobs',
    });
  });

  it('says that a client that was ended sends nothing', async () => {
    const ended = client(failing('CONNECTION_ENDED'));
    await expect(query(pool(ended), claim, [])).rejects.toMatchObject({
      code: 'THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE',
      wasSent: false,
    });
    expect(ended.asked).toHaveLength(1);
  });
});
