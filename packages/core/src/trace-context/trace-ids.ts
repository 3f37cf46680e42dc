/** Random bytes are fetched in blocks, because each call of `getRandomValues` costs about a microsecond. */
const POOL_BYTES = 4096;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

let pool: Uint8Array | undefined;
let next: number = POOL_BYTES;
let digits: readonly string[] = [];

/** As many digit classes as there are digits: engines count `{32}` seven times slower than they read 32 classes. */
export function hex(digits: number): string {
  return '[\\da-f]'.repeat(digits);
}

const traceId: RegExp = /* @__PURE__ */ idPattern(32);
const spanId: RegExp = /* @__PURE__ */ idPattern(16);

/** 32 lowercase hex digits, not all zero. */
export function isTraceId(value: unknown): value is string {
  return typeof value === 'string' && traceId.test(value);
}

/** 16 lowercase hex digits, not all zero. */
export function isSpanId(value: unknown): value is string {
  return typeof value === 'string' && spanId.test(value);
}

/**
 * A new trace id: 32 lowercase hex digits from `globalThis.crypto`, never all zero. All 16 bytes are random, so a root
 * that uses it sets the random flag.
 *
 * @see {@link https://www.w3.org/TR/trace-context-2/#trace-id | W3C Trace Context Level 2, §3.2.2.3}
 */
export function randomTraceId(): string {
  return randomHex(TRACE_ID_BYTES);
}

/**
 * A new span id: 16 lowercase hex digits from `globalThis.crypto`, never all zero.
 *
 * @see {@link https://www.w3.org/TR/trace-context-2/#parent-id | W3C Trace Context Level 2, §3.2.2.4}
 */
export function randomSpanId(): string {
  return randomHex(SPAN_ID_BYTES);
}

function idPattern(digits: number): RegExp {
  return new RegExp(`^(?!0+$)${hex(digits)}$`);
}

function randomHex(bytes: number): string {
  const source = poolWith(bytes);
  let id = '';
  let any = 0;
  for (const end = next + bytes; next < end; next++) {
    const byte = source[next] as number;
    any |= byte;
    id += digits[byte];
  }
  return any === 0 ? randomHex(bytes) : id;
}

/** The pool is made at the first use: importing the package must not ask for randomness, which some runtimes forbid. */
function poolWith(bytes: number): Uint8Array {
  if (pool === undefined) {
    pool = new Uint8Array(POOL_BYTES);
    digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
  }
  if (next + bytes > POOL_BYTES) {
    globalThis.crypto.getRandomValues(pool as Uint8Array<ArrayBuffer>);
    next = 0;
  }
  return pool;
}
