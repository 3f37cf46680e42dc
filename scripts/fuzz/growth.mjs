/** @typedef {typeof import('../../packages/core/src/index.ts')} Core */

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const STEPS = 4;

/**
 * Readers, each with an input of size `n` that would show a step which grows faster than its input. Not
 * here: the keys of one object, which the engine lists and sorts; the worst step covers 10,000 of them.
 *
 * @type {Readonly<Record<string, (core: Core, n: number) => () => unknown>>}
 */
const cases = {
  'a list of blanks': (core, n) => tracestate(core, ' '.repeat(n)),
  'a list of commas': (core, n) => tracestate(core, ','.repeat(n)),
  'a member with a long value': (core, n) => tracestate(core, `a=${'x '.repeat(n / 2)}\u0001`),
  'a member with a long key': (core, n) => tracestate(core, 'a'.repeat(n)),
  'blanks before a bad end': (core, n) => tracestate(core, `a=1${' '.repeat(n)}\u0001`),
  'JSON text that opens only': (core, n) => read(core, '['.repeat(n)),
  'JSON text nested': (core, n) => read(core, `${'['.repeat(n / 2)}${']'.repeat(n / 2)}`),
  'JSON text of the fixed shape, almost': (core, n) =>
    read(core, `{"traceparent":"${TRACEPARENT}","tracestate":"${'x'.repeat(n)}`),
  'a long traceparent': (core, n) =>
    read(core, { traceparent: `cc${TRACEPARENT.slice(2)}-${'x'.repeat(n)}` }),
  'many header pairs': (core, n) =>
    read(
      core,
      Array.from({ length: n / 16 }, (_, i) => [`header-${i}`, 'x']),
    ),
  'baggage of blanks': (core, n) => () => core.parseBaggage(' '.repeat(n)),
  'baggage of properties': (core, n) => () => core.parseBaggage(`a=1${';b'.repeat(n / 2)}`),
  'baggage of escapes': (core, n) => () => core.parseBaggage(`a=${'%41'.repeat(n / 3)}`),
  'baggage of percent signs': (core, n) => () => core.parseBaggage(`a=${'%'.repeat(n)}`),
};

const read = (/** @type {Core} */ core, /** @type {unknown} */ input) => () => core.readCarrier(input);
const tracestate = (/** @type {Core} */ core, /** @type {string} */ text) =>
  read(core, { traceparent: TRACEPARENT, tracestate: text });

/**
 * Reads inputs of doubled size until the size that the readers admit, and tells which grew clearly faster than they.
 *
 * @param {Core} core
 * @returns {{ name: string, microseconds: number[], linear: boolean }[]}
 */
export function measureGrowth(core) {
  return Object.entries(cases).map(([name, make]) => {
    const microseconds = Array.from({ length: STEPS }, (_, step) => best(make(core, 4096 << step)));
    const [first = 0, last = 0] = [microseconds[0], microseconds.at(-1)];
    // Twice the linear factor and a little for the clock: a quadratic step would reach four times as much.
    return { name, microseconds, linear: last <= 2 * 2 ** (STEPS - 1) * first + 20 };
  });
}

/** The fastest of many runs: the least that the step costs on this machine. */
function best(/** @type {() => unknown} */ run) {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 200; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return Math.round(best * 1000);
}
