'use strict';
const { SpanStatusCode, trace } = require('@opentelemetry/api');

/** Runs `fn` in a span, and records what it throws. */
exports.inSpan = (name, fn) =>
  trace.getTracer('app').startActiveSpan(name, async (span) => {
    try {
      return await fn(span);
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
