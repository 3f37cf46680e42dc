import type { Task } from '@throughline/pgconductor';
import type { Shop } from '../shop.ts';

/** Writes to the customer when an order has been shipped. Nobody who ships knows of it. */
export function thankingCustomers(shop: Shop): Task {
  return shop.createTask(
    { name: 'thank-customer', queue: 'mail' },
    { event: 'order.shipped' },
    async ({ payload: { orderId, customer } }, ctx) => {
      await ctx.database.thanked(orderId);
      ctx.tell(`${customer} is thanked for ${orderId}`);
    },
  );
}
