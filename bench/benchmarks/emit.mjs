import { subject } from '../harness/subject.mjs';

/** @type {import('../harness/report.mjs').Benchmark} */
export default {
  title:
    'EventWriter: emit in the caller, beside a plain copy into a list; the CPU column has making the events, encoding and batching as well',
  unit: 'event',
  baseline: 'emit',
  variants: {
    emit: subject('emit'),
    'JSON.stringify, push': subject('emit-straightforward', 'copy=text'),
    'structuredClone, push': subject('emit-straightforward', 'copy=clone'),
  },
  targets: [{ variant: 'emit', fact: 'µs in the caller', atMost: 1 }],
};
