/**
 * Records the application: starts an OTLP receiver and the two processes, checks out once, and writes the export requests
 * as they arrived, one per line.
 *
 *   node record.mjs [file]
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { spawnNode, startOtlpReceiver } from '@throughline/testkit';

const [file = fileURLToPath(new URL('recording/checkout.otlp.ndjson', import.meta.url))] =
  process.argv.slice(2);
const telemetry = fileURLToPath(new URL('app/telemetry.cjs', import.meta.url));
const receiver = await startOtlpReceiver();

const payments = start('payments', {});
const shop = start('shop', { PAYMENTS_URL: await addressOf(payments) });

const { status } = await fetch(`${await addressOf(shop)}/checkout`, { method: 'POST' });
for (const child of [shop, payments]) await child.kill('SIGTERM');
await receiver.stop();

const requests = receiver.requests().map(({ body }) => JSON.stringify(body));
await writeFile(file, `${requests.join('\n')}\n`);
console.log(`answered ${status}, recorded ${receiver.spans().length} spans in ${requests.length} requests`);

function start(/** @type {string} */ name, /** @type {Record<string, string>} */ env) {
  return spawnNode(new URL(`app/${name}.cjs`, import.meta.url), [], {
    env: { OTEL_SERVICE_NAME: name, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
    nodeOptions: ['--require', telemetry],
  });
}

async function addressOf(/** @type {import('@throughline/testkit').NodeChild} */ child) {
  const line = await child.waitForLine(/^listening on \d+$/);
  return `http://127.0.0.1:${line.split(' ').at(-1)}`;
}
