import { redactText } from '@throughline/core/events';
import { openJournalStore } from '@throughline/journal-store';
import { Orchestrator } from '@throughline/pgconductor';
import { startOtlpReceiver, startPostgres, waitFor } from '@throughline/testkit';
import postgres, { type Sql } from 'postgres';
import { type Order, orders } from './order.ts';
import { placeOrder } from './place-order.ts';
import { openShop, type Shop } from './shop.ts';
import { ShopDatabase } from './shop-database.ts';
import { countingTakings } from './tasks/count-takings.ts';
import { fulfillingOrders } from './tasks/fulfil-order.ts';
import { packingParcels } from './tasks/pack-parcel.ts';
import { printingLabels } from './tasks/print-labels.ts';
import { thankingCustomers } from './tasks/thank-customer.ts';
import { startTelemetry } from './telemetry.ts';

const DONE_WITHIN_MS = 60_000;

/** What the pipeline runs with. */
export interface PipelineOptions {
  /** The journal's directory; kept after the run. */
  readonly directory: string;
  /** An OTLP/HTTP endpoint of your own. @default a receiver for this run, which counts what arrives */
  readonly otlpEndpoint?: string | undefined;
  readonly onProgress: (who: string, text: string) => void;
}

/** What became of it. */
export interface PipelineResult {
  readonly placed: readonly PlacedOrder[];
  readonly otlpEndpoint: string;
  /** Whether all spans have left. */
  readonly exported: boolean;
}

/** An order, and the execution that worked on it. */
export interface PlacedOrder {
  readonly order: Order;
  readonly executionId: string;
}

/**
 * Starts a PostgreSQL, places the orders, and works until each has come to its end and the takings were counted.
 *
 * @throws ServerUnavailableError where no PostgreSQL can be had
 */
export async function runPipeline({
  directory,
  otlpEndpoint,
  onProgress,
}: PipelineOptions): Promise<PipelineResult> {
  const store = await openJournalStore({ directory });
  const server = await startPostgres({ own: true });
  onProgress('postgres', `${server.version} on port ${server.port} (${server.origin})`);
  const receiver = otlpEndpoint === undefined ? await startOtlpReceiver() : undefined;
  const endpoint = receiver?.url ?? otlpEndpoint ?? '';
  onProgress('otlp', redactText(endpoint));
  const sql = postgres(server.url, { onnotice: () => {} });
  const { telemetry, stop } = startTelemetry(endpoint, store);

  try {
    const shop = openShop({ sql, telemetry, tell: (text) => onProgress('shop', text) });
    await shop.migrate();
    await new ShopDatabase(sql).create();
    const placed = await workThrough(shop, sql, (order) => placeOrder(telemetry, shop, sql, order));
    return { placed, otlpEndpoint: endpoint, exported: await stop() };
  } finally {
    await store.close();
    await sql.end();
    await receiver?.stop();
    await server.stop();
  }
}

async function workThrough(
  shop: Shop,
  sql: Sql,
  place: (order: Order) => Promise<string>,
): Promise<PlacedOrder[]> {
  const makers = [fulfillingOrders, packingParcels, printingLabels, thankingCustomers, countingTakings];
  const orchestrator = Orchestrator.create({ conductor: shop, tasks: makers.map((make) => make(shop)) });
  await orchestrator.start();
  try {
    const placed = await Promise.all(
      orders.map(async (order) => ({ order, executionId: await place(order) })),
    );
    const database = new ShopDatabase(sql);
    await waitFor(() => database.isDone(), { timeoutMs: DONE_WITHIN_MS, what: 'the end of every order' });
    return placed;
  } finally {
    await orchestrator.stop({ graceMs: 5_000 });
    await shop.close();
  }
}
