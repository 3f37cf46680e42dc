import type postgres from 'postgres';

/** What a client does with a statement of the engine. */
type Unsafe = (...statement: Parameters<postgres.Sql['unsafe']>) => PromiseLike<unknown>;

/** The client, whose statements of the engine go another way. */
export function withUnsafe(sql: postgres.Sql, unsafe: Unsafe): postgres.Sql {
  return new Proxy(sql, {
    get: (target, name) => (name === 'unsafe' ? unsafe : Reflect.get(target, name)),
  });
}
