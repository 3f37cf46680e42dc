import type { Task } from '@throughline/pgconductor';
import type { Shop } from '../shop.ts';

/** Asks the carrier for the labels of several parcels at once; a parcel that it does not take fails alone. */
export function printingLabels(shop: Shop): Task {
  return shop.createTask(
    { name: 'print-label', queue: 'labels', maxAttempts: 1, batch: { size: 20, timeoutMs: 200 } },
    { invocable: true },
    async (events, { carrier, tell }) => {
      const labels = await carrier.labels(events.map(({ payload }) => payload));
      tell(`labels for ${events.length} parcels, with one request`);
      return labels;
    },
  );
}
