import { subject } from '../harness/subject.mjs';

const whats = ['cold-trace', 'opened-trace', 'warm-trace', 'cold-list', 'opened-list', 'warm-list'];

/** @type {import('../harness/report.mjs').Benchmark} */
export default {
  title:
    'Journal: durable appends of traces of 20 events, each with a sync or 25 with one, per event; questions to 100,000 events, per question; against JSON lines in a file',
  unit: 'event or question',
  baseline: 'append, straightforward',
  variants: {
    'append, straightforward': subject('journal-append-straightforward', 'together=1'),
    append: subject('journal-append', 'together=1'),
    'append 25, straightforward': subject('journal-append-straightforward', 'together=25'),
    'append 25': subject('journal-append', 'together=25'),
    'trace, straightforward': subject('journal-read-straightforward', 'what=trace'),
    'list, straightforward': subject('journal-read-straightforward', 'what=list'),
    ...Object.fromEntries(whats.map((what) => [what, subject('journal-read', `what=${what}`)])),
  },
  targets: [
    { variant: 'append', against: 'append, straightforward', atMost: 1.5 },
    { variant: 'append 25', against: 'append 25, straightforward', atMost: 2 },
    { variant: 'cold-trace', against: 'trace, straightforward', fasterBy: 4 },
    { variant: 'opened-trace', against: 'trace, straightforward', fasterBy: 40 },
    { variant: 'warm-trace', against: 'trace, straightforward', fasterBy: 1_000 },
    { variant: 'cold-list', against: 'list, straightforward', fasterBy: 1 },
    { variant: 'opened-list', against: 'list, straightforward', fasterBy: 10 },
    { variant: 'warm-list', against: 'list, straightforward', fasterBy: 40 },
  ],
};
