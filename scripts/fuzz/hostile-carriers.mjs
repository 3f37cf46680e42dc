/** @typedef {import('@throughline/testkit/seeded-random').SeededRandom} Random */

const HEX = '0123456789abcdef';
const SYNTAX = '{}[]",:\\ \t\n=;%-0f@';
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const NAMES = [
  'traceparent',
  'tracestate',
  'baggage',
  'relation',
  'TraceParent',
  'TRACESTATE',
  'get',
  'length',
];
const ODD_NAMES = ['__proto__', 'constructor', 'toString', 'then', '', 'traceparenT', 'trace-parent', '0'];

const throwing = () => {
  throw new Error('hostile');
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();

/** Values that are no carrier by themselves, but may stand where a value is expected. */
const constants = [
  undefined, null, true, false, 0, -0, Number.NaN, 1e308, 5n, Symbol('traceparent'), '', '{', 'null', '[]', '"x"',
  throwing, class {}, Math, JSON, new Date(Number.NaN), /x/, new Error('x'), new Map(), new Set([1]), new WeakMap(),
  Promise.resolve(TRACEPARENT), new Uint8Array(8), new ArrayBuffer(8), new DataView(new ArrayBuffer(8)),
  new String(TRACEPARENT), new Number(5), Object.freeze([]), new Array(4_294_967_295), revoked.proxy,
  new Headers({ traceparent: TRACEPARENT }), new URLSearchParams({ traceparent: TRACEPARENT }),
  new Map([['traceparent', TRACEPARENT]]), Object.create(null), Object.create({ traceparent: TRACEPARENT }),
  { toString: throwing, valueOf: throwing, toJSON: throwing }, globalThis,
]; // biome-ignore format: a list to skim, not to read

const traceparent = (/** @type {Random} */ random) =>
  `${random.of(['00', '00', '01', 'cc', 'ff', 'FF', '0'])}-${digits(random, 32)}-${digits(random, 16)}-0${random.below(8)}`;

function digits(/** @type {Random} */ random, /** @type {number} */ length) {
  if (random.below(16) === 0) return '0'.repeat(length);
  let text = '';
  while (text.length < length) text += HEX[random.below(16)];
  return text;
}

const member = (/** @type {Random} */ random) =>
  `${random.text(8, 'abz019_-*/@A.')}=${random.text(12, 'abz01 !"~,=;%\u007fé')}`;

function list(/** @type {Random} */ random) {
  const members = Array.from({ length: random.below(40) }, () =>
    random.below(8) === 0 ? ' \t' : member(random),
  );
  return members.join(random.of([',', ', ', '\t,']));
}

/** Cuts, doubles, replaces or inserts somewhere in a text that was fine. */
function mutated(/** @type {Random} */ random, /** @type {string} */ text) {
  const at = random.below(text.length + 1);
  const [head, tail] = [text.slice(0, at), text.slice(at)];
  const damage = [
    () => head,
    () => tail,
    () => head + random.text(3) + tail,
    () => head + random.text(2, SYNTAX) + tail.slice(1),
    () => `${text},${text}`,
    () => `${head}${text}${tail}`,
    () => text.toUpperCase(),
    () => ` ${text}\n`,
  ];
  return random.of(damage)();
}

/** @returns {unknown} */
function value(/** @type {Random} */ random, depth = 0) {
  /** @type {(() => unknown)[]} */
  const kinds = [
    () => traceparent(random),
    () => TRACEPARENT,
    () => mutated(random, TRACEPARENT),
    () => list(random),
    () => random.text(40),
    () => random.text(40, SYNTAX),
    () => random.of(constants),
    () => (depth > 3 ? null : Array.from({ length: random.below(4) }, () => value(random, depth + 1))),
    () => (depth > 3 ? null : plain(random, depth + 1)),
  ];
  return random.of(kinds)();
}

const name = (/** @type {Random} */ random) =>
  random.below(4) === 0 ? random.of(ODD_NAMES) : random.below(8) === 0 ? random.text(12) : random.of(NAMES);

function plain(/** @type {Random} */ random, depth = 0) {
  /** @type {Record<string, unknown>} */
  const carrier = random.below(8) === 0 ? Object.create(null) : {};
  if (random.below(2) === 0) carrier.traceparent = TRACEPARENT;
  for (let count = random.below(4); count > 0; count--) put(carrier, name(random), value(random, depth));
  return carrier;
}

/** As an assignment would, which gives the object another prototype when the name is `__proto__`. */
function put(/** @type {object} */ carrier, /** @type {string} */ name, /** @type {unknown} */ value) {
  if (name === '__proto__') Object.setPrototypeOf(carrier, typeof value === 'object' ? value : null);
  else Object.defineProperty(carrier, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Answers something else each time it is asked. */
function changing(/** @type {Random} */ random) {
  const later = random.fork();
  return () => value(later);
}

/** An object whose own `__proto__` is a property, as `JSON.parse` makes it. */
const ownProto = (/** @type {Random} */ random) =>
  JSON.parse(`{"__proto__":${random.of([`{"traceparent":"${TRACEPARENT}"}`, 'null', '[]'])}}`);

function withGetters(/** @type {Random} */ random) {
  const carrier = plain(random);
  const get = random.of([throwing, changing(random), () => carrier]);
  return Object.defineProperty(carrier, name(random), { enumerable: true, configurable: true, get });
}

function proxied(/** @type {Random} */ random) {
  const traps = ['get', 'has', 'ownKeys', 'getOwnPropertyDescriptor', 'getPrototypeOf'];
  const answers = [throwing, changing(random), () => undefined, () => ['traceparent'], () => null];
  return new Proxy(random.of([plain(random), [], ['traceparent', TRACEPARENT], () => null]), {
    [random.of(traps)]: random.of(answers),
  });
}

/** Text that `JSON.parse` accepts, for the most part. */
function jsonText(/** @type {Random} */ random) {
  const carrier = {
    traceparent: random.of([TRACEPARENT, traceparent(random), 5]),
    tracestate: list(random),
    baggage: random.text(20),
    relation: random.of(['link', 'parent', null]),
  };
  return JSON.stringify(
    carrier,
    random.of([undefined, ['traceparent'], ['traceparent', 'tracestate', 'relation']]),
  );
}

/** Big for what they are; the reader must not care. Neither 32 KiB of JSON nor HTTP brings 10,000 keys. */
const huge = [
  () => 'x'.repeat(10_000_000),
  () => `{"traceparent":"${TRACEPARENT}","x":"${'x'.repeat(1_000_000)}"}`,
  () => '['.repeat(32_768),
  () => `${'{"a":'.repeat(6000)}1${'}'.repeat(6000)}`,
  () => ({ traceparent: TRACEPARENT, tracestate: 'a=1,'.repeat(1_000_000) }),
  () => ({ traceparent: TRACEPARENT, tracestate: ' '.repeat(1_000_000) }),
  () => ({ traceparent: TRACEPARENT, baggage: 'a=1;'.repeat(1_000_000) }),
  () => ({ traceparent: TRACEPARENT.repeat(100_000) }),
  () => ({ traceparent: Array.from({ length: 100_000 }, () => TRACEPARENT) }),
  () => Array.from({ length: 4096 }, () => ['tracestate', 'a=1']),
  () => Array.from({ length: 100_000 }, () => TRACEPARENT),
  () => Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`header-${i}`, 'x'])),
  () => new Uint8Array(10_000_000),
];

const kinds = [
  plain,
  plain,
  withGetters,
  proxied,
  ownProto,
  jsonText,
  (/** @type {Random} */ random) => mutated(random, jsonText(random)),
  (/** @type {Random} */ random) => mutated(random, `{"traceparent":"${TRACEPARENT}"}`),
  (/** @type {Random} */ random) =>
    Array.from({ length: random.below(8) }, () => [name(random), value(random)]),
  (/** @type {Random} */ random) =>
    Array.from({ length: random.below(9) }, (_, i) => (i % 2 ? value(random) : name(random))),
  (/** @type {Random} */ random) => ({
    get: random.of([throwing, changing(random), () => TRACEPARENT]),
  }),
  value,
];

/**
 * One more thing that somebody may put where a carrier belongs: of any type, size and depth, damaged or well-formed.
 * One in 50,000 is huge.
 *
 * @param {Random} random
 * @returns {unknown}
 */
export function hostileCarrier(random) {
  return random.below(50_000) === 0 ? random.of(huge)() : random.of(kinds)(random);
}
