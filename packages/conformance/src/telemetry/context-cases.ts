import { type Carrier, createTraceContext, type Telemetry } from '@throughline/core';
import { demand, demandSame } from '../suite/demand.ts';
import { demandHostResult } from '../suite/demand-host-result.ts';
import type { TelemetryCase } from './telemetry-world.ts';

/** `activeContext`, `withContext` and `propagation`: how the thread goes on. */
export const contextCases: readonly TelemetryCase[] = [
  {
    id: '7a',
    title: 'tells what is active inside the innermost scope, and nothing outside of all',
    needs: ['ambient'],
    run({ telemetry }) {
      const [outer, inner] = [createTraceContext(), createTraceContext()];
      demandSame(active(telemetry), undefined, 'what is active outside');
      telemetry.withContext(outer, () => {
        demandSame(active(telemetry), outer.spanId, 'what is active in withContext');
        telemetry.withContext(inner, () =>
          demandSame(active(telemetry), inner.spanId, 'what is active further inside'),
        );
        const span = telemetry.startSpan('work');
        span.run(() => demandSame(active(telemetry), span.context.spanId, 'what is active in run'));
        span.end();
      });
      demandSame(active(telemetry), undefined, 'what is active afterwards');
    },
    otherwise({ telemetry }) {
      const context = createTraceContext();
      telemetry.withContext(context, () =>
        demandSame(
          active(telemetry),
          undefined,
          'what is active in a telemetry that the harness says cannot know',
        ),
      );
    },
  },
  {
    id: '7b',
    title: 'keeps what is active across await, apart for each flow',
    needs: ['async'],
    async run({ telemetry }) {
      const contexts = Array.from({ length: 5 }, () => createTraceContext());
      await Promise.all(
        contexts.map((context, i) =>
          telemetry.withContext(context, async () => {
            for (let turn = 0; turn < 5 + i; turn++) {
              await (turn % 2 === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, 0)));
              demandSame(active(telemetry), context.spanId, `what is active after ${turn + 1} awaits`);
            }
          }),
        ),
      );
      demandSame(active(telemetry), undefined, 'what is active afterwards');
    },
  },
  {
    id: '8',
    title: 'calls the function of withContext once, and hands on its very result or error',
    run({ telemetry }) {
      const context = createTraceContext();
      demandHostResult((fn) => telemetry.withContext(context, fn), 'withContext');
      demandHostResult((fn) => telemetry.withContext(undefined, fn), 'withContext without a context');
    },
  },
  {
    id: '9a',
    title: 'restores what was active after a function that throws',
    needs: ['ambient'],
    run({ telemetry }) {
      const outer = createTraceContext();
      telemetry.withContext(outer, () => {
        try {
          telemetry.withContext(createTraceContext(), () => {
            throw new Error('of the host');
          });
        } catch {}
        demandSame(active(telemetry), outer.spanId, 'what is active after the error');
      });
      demandSame(active(telemetry), undefined, 'what is active afterwards');
    },
  },
  {
    id: '9b',
    title: 'detaches from what is active for no context',
    needs: ['ambient'],
    async run({ telemetry, span }) {
      const outer = createTraceContext();
      telemetry.withContext(outer, () => {
        telemetry.withContext(undefined, () => {
          demandSame(active(telemetry), undefined, 'what is active in withContext(undefined)');
          telemetry.startSpan('detached').end();
        });
        demandSame(active(telemetry), outer.spanId, 'what is active after it');
      });
      demand(
        (await span('detached')).traceId !== outer.traceId,
        'a detached span is in the trace it was detached from',
      );
    },
  },
  {
    id: '10',
    title: 'propagates the context of a span to another telemetry',
    async run({ telemetry, span }) {
      const send = telemetry.startSpan('send', { kind: 'producer', parent: null });
      const carrier: Carrier = {};
      telemetry.propagation.inject(send.context, carrier);
      send.end();
      const parent = telemetry.propagation.extract(JSON.parse(JSON.stringify(carrier)));
      demandSame(parent?.isRemote, true, 'isRemote of what was extracted');
      telemetry.startSpan('process', { kind: 'consumer', parent: parent ?? null }).end();
      const { traceId, parentSpanId } = await span('process');
      demandSame(
        [traceId, parentSpanId],
        [send.context.traceId, send.context.spanId],
        'the trace and parent of process',
      );
    },
  },
];

function active(telemetry: Telemetry): string | undefined {
  return telemetry.activeContext()?.spanId;
}
