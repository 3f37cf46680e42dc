/**
 * Reads millions of hostile carriers: `node scripts/fuzz-carriers.mjs [count=10000000] [seed]`, after a build.
 *
 * Fails when a reader throws, answers with neither a valid context nor a known reason, needs 50 ms for one input, or
 * grows faster than its input. The seed is printed; the same seed gives the same inputs.
 */

import { inspect } from 'node:util';
import { SeededRandom } from '@throughline/testkit/seeded-random';
import { measureGrowth } from './fuzz/growth.mjs';
import { hostileCarrier } from './fuzz/hostile-carriers.mjs';
import { root } from './workspace/root.mjs';

/** @type {typeof import('../packages/core/src/index.ts')} */
const core = await import(`${root}/packages/core/dist/index.js`);

const MAX_MILLISECONDS = 50;
const REASONS = new Set([
  'absent', 'not_a_carrier', 'too_large', 'invalid_json', 'unreadable', 'traceparent_missing',
  'traceparent_malformed', 'traceparent_duplicated', 'version_invalid', 'id_zero',
]); // biome-ignore format: one glance

const count = Number(process.argv[2] ?? 10_000_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const random = new SeededRandom(seed);
/** @type {Map<string, number>} */
const answers = new Map();
let worst = 0;

/** What every reading must hold; @returns {string} the answer, to be counted */
function check(/** @type {unknown} */ input) {
  const { context, reason, ...rest } = {
    baggage: undefined,
    traceStateRejected: undefined,
    ...core.readCarrier(input),
  };
  if (context === undefined) {
    if (!REASONS.has(reason)) throw new Error(`unknown reason ${reason}`);
    return reason;
  }
  if (!core.isValidTraceContext(context) || !context.isRemote) throw new Error('not a valid remote context');
  const again = core.readCarrier(core.formatCarrier(context)).context;
  if (JSON.stringify(again) !== JSON.stringify(context)) throw new Error('did not survive a round trip');
  core.forwardBaggage(rest.baggage, ['a']);
  return rest.traceStateRejected ?? 'context';
}

/** The time of one reading; a slow one is repeated, so that a pause of the machine does not count. */
function timed(/** @type {unknown} */ input) {
  let fastest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt++) {
    const start = performance.now();
    core.readCarrier(input);
    fastest = Math.min(fastest, performance.now() - start);
    if (fastest < 1) break;
  }
  return fastest;
}

function report(/** @type {string} */ what, /** @type {number} */ i, /** @type {unknown} */ input) {
  const shown = inspect(input, {
    showProxy: true,
    maxArrayLength: 4,
    maxStringLength: 80,
    customInspect: false,
  });
  console.log(`${what}: input ${i} of seed ${seed}: ${shown.slice(0, 500)}`);
}

console.log(`${count} carriers from seed ${seed}`);
for (let i = 1; i <= count; i++) {
  const input = hostileCarrier(random);
  try {
    const milliseconds = timed(input);
    if (milliseconds > worst && milliseconds > MAX_MILLISECONDS / 5)
      report(`${milliseconds.toFixed(1)} ms`, i, input);
    worst = Math.max(worst, milliseconds);
    const answer = check(input);
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  } catch (error) {
    report('failed', i, input);
    throw error;
  }
  if (i % 1_000_000 === 0) console.log(`${i} read, worst ${worst.toFixed(2)} ms`);
}
console.table(Object.fromEntries([...answers].sort(([, a], [, b]) => b - a)));

const growth = measureGrowth(core);
console.table(
  growth.map(({ name, microseconds, linear }) => ({
    name,
    'µs at 4, 8, 16, 32 Ki': microseconds.join(' '),
    linear,
  })),
);

const held = worst < MAX_MILLISECONDS && growth.every(({ linear }) => linear);
console.log(`worst step ${worst.toFixed(2)} ms; ${held ? 'every promise held' : 'FAILED'}`);
process.exitCode = held ? 0 : 1;
