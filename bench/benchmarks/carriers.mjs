import { subject } from '../harness/subject.mjs';

/** @type {import('../harness/report.mjs').Benchmark} */
export default {
  title:
    'Carriers: extract from request headers and inject into a new carrier, against the W3C propagator of @opentelemetry/core',
  unit: 'round trip',
  baseline: 'opentelemetry',
  variants: {
    opentelemetry: subject('carriers-opentelemetry'),
    throughline: subject('carriers-throughline'),
    'opentelemetry, tracestate': subject('carriers-opentelemetry', 'tracestate'),
    'throughline, tracestate': subject('carriers-throughline', 'tracestate'),
  },
  targets: [
    { variant: 'throughline', fasterBy: 5 },
    { variant: 'throughline, tracestate', against: 'opentelemetry, tracestate', fasterBy: 5 },
  ],
};
