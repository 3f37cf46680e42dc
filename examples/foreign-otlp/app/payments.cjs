'use strict';
const { createServer } = require('node:http');
const { inSpan } = require('./in-span.cjs');

class AcquirerTimeoutError extends Error {
  /** @override */
  name = 'AcquirerTimeoutError';
  status = 503;
}

class CardDeclinedError extends Error {
  /** @override */
  name = 'CardDeclinedError';
  status = 402;
}

let charges = 0;

/**
 * The acquirer is slow once, and then it says no.
 *
 * @param {import('@opentelemetry/api').Span} span
 */
async function chargeCard(span) {
  charges += 1;
  span.setAttribute('payment.provider', 'acquirer');
  span.addEvent('acquirer asked', { 'payment.try': charges });
  if (charges === 1) throw new AcquirerTimeoutError('The acquirer did not answer within 2 s');
  throw new CardDeclinedError('The card was declined: insufficient funds');
}

const server = createServer(async (_request, response) => {
  try {
    await inSpan('charge card', chargeCard);
    response.writeHead(204).end();
  } catch (thrown) {
    const { status = 500 } = /** @type {{ readonly status?: number }} */ (thrown);
    response.writeHead(status).end();
  }
});
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`listening on ${port}`);
});
