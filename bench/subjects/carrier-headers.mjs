/** How many different headers the carrier subjects go through, so that no engine can remember one answer. */
const COUNT = 1024;

/**
 * Request headers as a server sees them.
 *
 * @param {string} subject address of the subject; `?tracestate` at its end adds that header
 * @returns {Record<string, string>[]}
 */
export function manyHeaders(subject) {
  const withTracestate = new URL(subject).searchParams.has('tracestate');
  return Array.from({ length: COUNT }, (_, index) => {
    const traceparent = `00-${hex(index + 1, 32)}-${hex(index + 7, 16)}-01`;
    return withTracestate
      ? { traceparent, tracestate: `vendor=${index},other=t61rcWkgMzE` }
      : { traceparent };
  });
}

/** @param {number} seed @param {number} digits */
function hex(seed, digits) {
  let text = '';
  for (let value = seed * 2654435761; text.length < digits; value = (value * 48271) % 2147483647) {
    text += (value % 65536).toString(16).padStart(4, '0');
  }
  return text.slice(0, digits);
}
