import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jobAdapterCases } from '../job-adapter/test-job-adapter.ts';
import { propagationCases } from '../propagation/test-propagation.ts';
import { telemetryCases } from '../telemetry/test-telemetry.ts';
import { traceStoreCases } from '../trace-store/test-trace-store.ts';

/** The numbers of the numbered sentences in the doc comments of a file. */
function numbersIn(...paths: readonly string[]): number[] {
  const text = paths
    .map((path) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'))
    .join('\n');
  return Array.from(text.matchAll(/^\s*\/?\*\*? (\d+)\. /gm), ([, number]) => Number(number));
}

const ports = [
  { port: 'TraceStore', files: ['core/src/events/trace-store.ts'], cases: traceStoreCases },
  {
    port: 'Telemetry and Span',
    files: ['core/src/telemetry/telemetry.ts', 'core/src/telemetry/span.ts'],
    cases: telemetryCases,
  },
  { port: 'Propagation', files: ['core/src/trace-context/propagation.ts'], cases: propagationCases },
  {
    port: 'JobAdapterUnderTest',
    files: ['conformance/src/job-adapter/job-adapter-harness.ts'],
    cases: jobAdapterCases,
  },
];

describe.each(ports)('the documentation of $port', ({ files, cases }) => {
  const numbers = numbersIn(...files);

  it('numbers its sentences from 1, each once', () => {
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  });

  it('has a case of the same number for each', () => {
    const proven = new Set(cases.map(({ id }) => Number.parseInt(id, 10)));
    expect([...proven].sort((a, b) => a - b)).toEqual(numbers);
  });

  it('is proven by cases with names of their own', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  });
});
