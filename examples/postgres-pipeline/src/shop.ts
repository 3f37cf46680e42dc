import type { Telemetry } from '@throughline/core';
import { Conductor } from '@throughline/pgconductor';
import type { Sql } from 'postgres';
import { fulfilOrder, orderShipped, packParcel, printLabel } from './definitions.ts';
import { Carrier } from './outside-world/carrier.ts';
import { PaymentProvider } from './outside-world/payment-provider.ts';
import { ShopDatabase } from './shop-database.ts';

/** Where a shop lives, and who is told of it. */
export interface ShopOptions {
  readonly sql: Sql;
  readonly telemetry: Telemetry;
  readonly tell: (text: string) => void;
}

/** A conductor that knows the tasks of the shop; what handlers need beside it is in their context. */
export type Shop = ReturnType<typeof openShop>;

export function openShop({ sql, telemetry, tell }: ShopOptions) {
  return Conductor.create({
    sql,
    telemetry,
    tasks: [fulfilOrder, packParcel, printLabel],
    events: [orderShipped],
    context: {
      telemetry,
      tell,
      database: new ShopDatabase(sql),
      payments: new PaymentProvider(),
      carrier: new Carrier(),
    },
  });
}
