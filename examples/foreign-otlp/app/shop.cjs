'use strict';
const { createServer, request } = require('node:http');
const { inSpan } = require('./in-span.cjs');

class PaymentFailedError extends Error {
  /** @override */
  name = 'PaymentFailedError';
}

/**
 * @param {string} url
 * @returns {Promise<number | undefined>} the status
 */
function post(url) {
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST' }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end();
  });
}

/** A second try helps against what passes. */
async function pay() {
  for (let triesLeft = 1; ; triesLeft -= 1) {
    const status = (await post(`${process.env.PAYMENTS_URL}/charges`)) ?? 500;
    if (status < 300) return;
    if (status !== 503 || triesLeft === 0)
      throw new PaymentFailedError(`The payment service answered ${status}`);
  }
}

async function checkout() {
  await inSpan('reserve stock', async (span) => span.setAttribute('stock.items', 3));
  await inSpan('pay', pay);
}

const server = createServer(async (_request, response) => {
  try {
    await inSpan('checkout', checkout);
    response.writeHead(201).end();
  } catch {
    response.writeHead(502).end();
  }
});
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`listening on ${port}`);
});
