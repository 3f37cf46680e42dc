/**
 * Runs the W3C Trace Context validation suite against `@throughline/core`, once per way a context can arrive:
 * `node scripts/w3c-suite.mjs <folder of test.py> [mode…]`, after a build. Modes: headers, pairs, json; all by default.
 *
 * The suite is not part of this repository. Check out https://github.com/w3c/trace-context and give its `test` folder;
 * it needs Python 3 with aiohttp (`PYTHON` names the interpreter, `python3` by default) and port 7777
 * (`HARNESS_PORT`). The exit code is the number of modes that did not pass whole.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { root } from './workspace/root.mjs';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */

/** @type {typeof import('../packages/core/src/index.ts')} */
const { createTraceContext, extractTraceContext, injectTraceContext } = await import(
  `${root}/packages/core/dist/index.js`
);

/** @type {Readonly<Record<string, (request: IncomingMessage) => unknown>>} How a request becomes the input of `extract`. */
const carrierOf = {
  headers: (request) => request.headers,
  pairs: (request) => request.rawHeaders,
  json: (request) => throughQueue(request.rawHeaders),
};

/** What a queue does: the context is written into a job's carrier, stored as text, and read again. */
function throughQueue(/** @type {string[]} */ rawHeaders) {
  /** @type {import('../packages/core/src/index.ts').Carrier} */
  const carrier = {};
  const context = extractTraceContext(rawHeaders);
  if (context) injectTraceContext(context, carrier);
  return JSON.stringify(carrier);
}

async function textOf(/** @type {AsyncIterable<Buffer>} */ stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The service that the suite talks to: it answers by calling back, as a child of what it was sent. */
function createService(/** @type {(request: IncomingMessage) => unknown} */ carrier) {
  return createServer(async (request, response) => {
    const parent = extractTraceContext(carrier(request));
    const calls = JSON.parse(await textOf(request));
    for (const { url, arguments: body } of calls) {
      /** @type {Record<string, string>} */
      const headers = { 'content-type': 'application/json' };
      injectTraceContext(createTraceContext({ parent }), headers);
      await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    }
    response.setHeader('content-type', 'application/json').end('{}');
  });
}

async function runSuite(/** @type {string} */ folder, /** @type {string} */ mode) {
  const carrier = carrierOf[mode];
  if (!carrier) throw new Error(`There is no mode "${mode}"; give ${Object.keys(carrierOf).join(', ')}.`);
  const service = createService(carrier).listen(0, '127.0.0.1');
  await once(service, 'listening');
  const address = /** @type {import('node:net').AddressInfo} */ (service.address());
  console.log(`\n# ${mode}`);
  const suite = spawn(process.env.PYTHON ?? 'python3', ['test.py', `http://127.0.0.1:${address.port}/test`], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, SPEC_LEVEL: '2', STRICT_LEVEL: '2' },
  });
  const [code] = await once(suite, 'close');
  service.closeAllConnections();
  service.close();
  return code === 0;
}

const [folder, ...modes] = process.argv.slice(2);
if (folder === undefined) {
  console.error(
    'Give the folder of the suite: node scripts/w3c-suite.mjs <trace-context/test> [headers|pairs|json …]',
  );
  process.exit(2);
}
let failed = 0;
for (const mode of modes.length > 0 ? modes : Object.keys(carrierOf)) {
  const passed = await runSuite(folder, mode);
  console.log(`${mode}: ${passed ? 'passed' : 'failed'}`);
  if (!passed) failed++;
}
process.exitCode = failed;
