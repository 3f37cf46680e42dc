import { type Telemetry, traced } from '@throughline/core';
import type { Sql } from 'postgres';
import { fulfilOrder } from './definitions.ts';
import type { Order } from './order.ts';
import type { Shop } from './shop.ts';
import { ShopDatabase } from './shop-database.ts';

/**
 * What the web server of a shop does: the order and the work on it come into being together, or not at all.
 *
 * @returns the id of the execution
 */
export function placeOrder(telemetry: Telemetry, shop: Shop, sql: Sql, order: Order): Promise<string> {
  return traced(
    telemetry,
    'POST /orders',
    async () => {
      let executionId: string | null = null;
      await sql.begin(async (transaction) => {
        await new ShopDatabase(sql).insert(transaction, order);
        executionId = await shop.invoke(fulfilOrder, { orderId: order.id }, { sql: transaction });
      });
      return String(executionId);
    },
    { kind: 'server' },
  );
}
