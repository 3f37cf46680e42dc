import { defineEventKind } from '@throughline/core';
import { demand, demandSame } from '../suite/demand.ts';
import type { TelemetryCase } from './telemetry-world.ts';

interface Fetched {
  readonly queue: string;
  readonly count: number;
  readonly wait?: number;
}

const fetched = defineEventKind<Fetched>('conformance.fetched', [
  {
    kind: 'counter',
    name: 'conformance.count',
    unit: '{job}',
    value: ({ count }) => count,
    attributes: ({ queue }) => ({ queue }),
  },
  { kind: 'histogram', name: 'conformance.wait', unit: 's', value: ({ wait }) => wait },
]);

const depth = { kind: 'gauge', name: 'conformance.depth', unit: '{job}' } as const;

/** `emitEvent`, `observe` and `isEnabled`. */
export const measurementCases: readonly TelemetryCase[] = [
  {
    id: '11',
    title: 'records what the instruments of an event read, and nothing where there is no value',
    needs: ['measurements'],
    async run({ telemetry, measured }) {
      telemetry.emitEvent(fetched, { queue: 'mail', count: 3 });
      const [count, ...more] = await measured('conformance.count');
      demandSame(
        [count?.value, count?.attributes, more.length],
        [3, { queue: 'mail' }, 0],
        'what was counted',
      );
      demandSame((await measured('conformance.wait')).length, 0, 'the number of waits without a value');
    },
    otherwise({ telemetry }) {
      telemetry.emitEvent(fetched, { queue: 'mail', count: 3 });
    },
  },
  {
    id: '12',
    title: 'calls an observed reader until it is told to stop',
    needs: ['measurements'],
    async run({ telemetry, measured }) {
      let reads = 0;
      const stop = telemetry.observe(depth, (observe) => {
        reads++;
        observe(4, { state: 'waiting' });
      });
      const [seen] = await measured('conformance.depth');
      demandSame([seen?.value, seen?.attributes], [4, { state: 'waiting' }], 'what was observed');
      stop();
      const before = reads;
      await measured('conformance.depth');
      stop();
      demand(reads === before, 'the reader was called after it was unregistered');
    },
    otherwise({ telemetry }) {
      const stop = telemetry.observe(depth, (observe) => observe(4));
      stop();
      stop();
    },
  },
  {
    id: '13',
    title: 'says that it is enabled while it records',
    async run({ telemetry, span }) {
      const isEnabled = telemetry.isEnabled('spans');
      telemetry.startSpan('work').end();
      await span('work');
      demandSame(isEnabled, true, "isEnabled('spans') of a telemetry that records");
      demand(
        typeof telemetry.isEnabled('measurements') === 'boolean',
        "isEnabled('measurements') is no boolean",
      );
    },
  },
];
