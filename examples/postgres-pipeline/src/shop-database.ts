import type { JSONValue, Sql, TransactionSql } from 'postgres';
import type { Order } from './order.ts';

/** How far an order is. */
export type OrderState = 'accepted' | 'shipped' | 'refunded';

/** The tables of the shop, beside the schema of the engine, in the same database. */
export class ShopDatabase {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async create(): Promise<void> {
    await this.#sql.unsafe(`
      create table shop_order (id text primary key, state text not null, details jsonb not null, thanked boolean not null default false);
      create table takings (counted_at timestamptz primary key, cents bigint not null)`);
  }

  async insert(transaction: TransactionSql, order: Order): Promise<void> {
    const details = transaction.json(order as unknown as JSONValue);
    await transaction`insert into shop_order (id, state, details) values (${order.id}, 'accepted', ${details})`;
  }

  async order(id: string): Promise<Order> {
    const [row] = await this.#sql<{ details: Order }[]>`select details from shop_order where id = ${id}`;
    if (row === undefined) throw new Error(`There is no order ${id}`);
    return row.details;
  }

  async setState(id: string, state: OrderState): Promise<void> {
    await this.#sql`update shop_order set state = ${state} where id = ${id}`;
  }

  async thanked(id: string): Promise<void> {
    await this.#sql`update shop_order set thanked = true where id = ${id}`;
  }

  /** Of what was shipped; counted twice for one moment, it is the same row. */
  async countTakings(countedAt: string): Promise<number> {
    const [row] = await this.#sql<{ cents: string }[]>`
      insert into takings
      select ${countedAt}, coalesce(sum((details->>'amount')::bigint), 0) from shop_order where state = 'shipped'
      on conflict (counted_at) do update set cents = excluded.cents returning cents`;
    return Number(row?.cents);
  }

  /** Whether every order has come to its end, its customer was thanked, and the takings were counted since. */
  async isDone(): Promise<boolean> {
    const [row] = await this.#sql<{ done: boolean }[]>`
      select bool_and(state = 'refunded' or (state = 'shipped' and thanked))
        and exists (select from takings where cents > 0) as done
      from shop_order`;
    return row?.done === true;
  }
}
