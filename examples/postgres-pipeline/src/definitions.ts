import { defineEvent, defineTask, typed } from '@throughline/pgconductor';
import type { Parcel } from './order.ts';

/** What is known to whoever invokes: names, queues, what goes in and what comes out. No handler. */
export const fulfilOrder = defineTask({
  name: 'fulfil-order',
  queue: 'orders',
  payload: typed<{ readonly orderId: string }>(),
  returns: typed<{ readonly tracking: readonly string[] }>(),
});

export const packParcel = defineTask({
  name: 'pack-parcel',
  queue: 'warehouse',
  payload: typed<Parcel>(),
  returns: typed<{ readonly tracking: string }>(),
});

export const printLabel = defineTask({
  name: 'print-label',
  queue: 'labels',
  payload: typed<Parcel>(),
  returns: typed<{ readonly tracking: string }>(),
});

export const orderShipped = defineEvent({
  name: 'order.shipped',
  payload: typed<{ readonly orderId: string; readonly customer: string }>(),
});
