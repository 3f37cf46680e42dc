'use strict';
const { SpanStatusCode, trace } = require('@opentelemetry/api');

/**
 * Runs `fn` in a span, and records what it throws.
 *
 * @template T
 * @param {string} name
 * @param {(span: import('@opentelemetry/api').Span) => Promise<T>} fn
 * @returns {Promise<T>}
 */
exports.inSpan = (name, fn) =>
  trace.getTracer('app').startActiveSpan(name, async (span) => {
    try {
      return await fn(span);
    } catch (thrown) {
      const error = /** @type {Error} */ (thrown);
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw thrown;
    } finally {
      span.end();
    }
  });
