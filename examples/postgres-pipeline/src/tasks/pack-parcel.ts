import type { Task } from '@throughline/pgconductor';
import { printLabel } from '../definitions.ts';
import type { Shop } from '../shop.ts';

/** Packs one parcel of an order, beside its others, and has a label printed for it. */
export function packingParcels(shop: Shop): Task {
  return shop.createTask(
    { name: 'pack-parcel', queue: 'warehouse', maxAttempts: 1 },
    { invocable: true },
    async ({ payload: parcel }, ctx) => {
      await ctx.step('pack', () => ctx.tell(`${parcel.id}: packed in the ${parcel.warehouse}`));
      return ctx.invoke('label', printLabel, parcel);
    },
  );
}
