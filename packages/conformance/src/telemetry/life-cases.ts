import { createTraceContext, type FinishedSpan, type FlushResult } from '@throughline/core';
import { demand, demandSame } from '../suite/demand.ts';
import { demandHostResult } from '../suite/demand-host-result.ts';
import type { TelemetryCase } from './telemetry-world.ts';

/** `importSpans`, `flush` and `shutdown`. */
export const lifeCases: readonly TelemetryCase[] = [
  {
    id: '14',
    title: 'imports spans with their ids, parents, times and outcomes',
    needs: ['importSpans'],
    async run({ telemetry, span }) {
      const parent = createTraceContext();
      const context = createTraceContext({ parent });
      const start = Date.now() - 5_000;
      const times = { startTime: start, endTime: start + 1_250 };
      const error = { type: 'RangeError', message: 'too much' };
      const finished: FinishedSpan = {
        name: 'elsewhere',
        context,
        parent,
        ...times,
        outcome: 'timeout',
        error,
      };
      demand(
        telemetry.importSpans !== undefined,
        'there is no importSpans: say capabilities.importSpans is false',
      );
      telemetry.importSpans([
        finished,
        { ...finished, name: 'other', context: createTraceContext(), outcome: 'ok', error: undefined },
      ]);
      const seen = await span('elsewhere');
      demandSame(
        [seen.traceId, seen.spanId, seen.parentSpanId],
        [context.traceId, context.spanId, parent.spanId],
        'the ids',
      );
      demandSame([seen.outcome, seen.errorMessage], ['timeout', 'too much'], 'the outcome and error');
      demand(Math.abs(seen.startTime - times.startTime) < 0.01, 'the start is another one');
      demand(Math.abs(seen.endTime - times.endTime) < 0.01, 'the end is another one');
      demandSame((await span('other')).outcome, 'ok', 'the outcome of the other span');
    },
    otherwise({ telemetry }) {
      demand(telemetry.importSpans === undefined, 'there is importSpans, which the harness excludes');
    },
  },
  {
    id: '15a',
    title: 'flushes, and says complete only when everything that ended has left',
    async run({ telemetry, span }) {
      telemetry.startSpan('work').end();
      const result = await telemetry.flush({ timeoutMs: 4_000 });
      demandFlushResult(result);
      demand(result.complete !== false, `flush reached nothing: ${result.reason}`);
      await span('work');
    },
  },
  {
    id: '15b',
    title: 'resolves a flush at any deadline, and several at once',
    async run({ telemetry }) {
      telemetry.startSpan('work').end();
      const timeouts = [0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40, undefined];
      const results = await Promise.all(timeouts.map((timeoutMs) => telemetry.flush({ timeoutMs })));
      for (const result of [...results, await telemetry.flush()]) demandFlushResult(result);
    },
  },
  {
    id: '16a',
    title: 'flushes when it is shut down, and resolves again',
    async run({ telemetry, spans }) {
      telemetry.startSpan('work').end();
      const [first, second] = await Promise.all([telemetry.shutdown(), telemetry.shutdown()]);
      for (const result of [first, second, await telemetry.shutdown({ timeoutMs: 1 })])
        demandFlushResult(result);
      demandSame(
        (await spans()).map(({ name }) => name),
        ['work'],
        'what is recorded',
      );
    },
  },
  {
    id: '16b',
    title:
      'accepts every call after it was shut down, runs every function, and records nothing that starts then',
    async run({ telemetry, spans }) {
      telemetry.startSpan('before').end();
      const open = telemetry.startSpan('open');
      await telemetry.shutdown();
      open.setAttributes({ late: true });
      open.end();
      const late = telemetry.startSpan('late', { parent: null });
      late.setAttributes({ a: 1 });
      demandHostResult((fn) => late.run(fn), 'run of a span that started after shutdown');
      demandHostResult((fn) => telemetry.withContext(createTraceContext(), fn), 'withContext after shutdown');
      late.end({ error: new Error('late') });
      telemetry.observe({ kind: 'gauge', name: 'conformance.late', unit: '1' }, (observe) => observe(1))();
      demandFlushResult(await telemetry.flush({ timeoutMs: 100 }));
      const names = (await spans()).map(({ name }) => name);
      demand(names.includes('before'), 'what ended before is gone');
      demand(!names.includes('late'), 'what started after shutdown was recorded');
    },
  },
];

function demandFlushResult(result: FlushResult): void {
  const { complete, reason } = result ?? {};
  demand(
    complete === true || complete === false || complete === 'unknown',
    `a flush gave complete: ${String(complete)}`,
  );
  demand(complete !== false || reason !== undefined, 'a flush was not complete, and does not say why');
}
