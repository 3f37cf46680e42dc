import { traced } from '@throughline/core';
import { ChildFailedError, NonRetryableError, type Task } from '@throughline/pgconductor';
import { packParcel } from '../definitions.ts';
import type { Shop } from '../shop.ts';

/**
 * Takes the money, has every parcel packed, and says so. When a parcel cannot be sent, the money goes back.
 *
 * The handler begins anew after each failure and each wait; what is in a step is done once.
 */
export function fulfillingOrders(shop: Shop): Task {
  return shop.createTask(
    { name: 'fulfil-order', queue: 'orders', maxAttempts: 3, backoff: [200] },
    { invocable: true },
    async ({ payload: { orderId } }, ctx) => {
      const { database, payments, telemetry, tell } = ctx;
      const order = await ctx.step('load order', () => database.order(orderId));

      const payment = await ctx.step('take payment', () =>
        traced(telemetry, 'stage:payment', async ({ context }) => {
          const receipt = await payments.charge(order.amount, `${ctx.executionId}/payment`);
          tell(`${orderId}: ${receipt}`);
          return { receipt, takenIn: context };
        }),
      );

      try {
        const packed = await Promise.all(
          order.parcels.map((parcel) => ctx.invoke(`pack ${parcel.id}`, packParcel, parcel)),
        );
        await ctx.step('ship', async () => {
          await database.setState(orderId, 'shipped');
          await ctx.emit('order.shipped', { orderId, customer: order.customer });
          tell(`${orderId}: shipped`);
        });
        return { tracking: packed.map(({ tracking }) => tracking) };
      } catch (error) {
        if (!(error instanceof ChildFailedError)) throw error;
        await ctx.step('give payment back', () =>
          traced(
            telemetry,
            'compensate:payment',
            async () => {
              const refund = await payments.refund(payment.receipt);
              await database.setState(orderId, 'refunded');
              tell(`${orderId}: ${refund}`);
            },
            { compensates: payment.takenIn },
          ),
        );
        throw new NonRetryableError(`${orderId} cannot be sent`, { cause: error });
      }
    },
  );
}
