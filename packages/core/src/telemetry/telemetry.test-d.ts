import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expectTypeOf, it } from 'vitest';
import type { AmbientContext } from './ambient-context.ts';
import { defineEventKind } from './event-kind.ts';
import { resolveTelemetry } from './guard.ts';
import type { Span } from './span.ts';
import type { Telemetry } from './telemetry.ts';
import { traced } from './traced.ts';

interface WorkerFetch {
  readonly queue: string;
  readonly count: number;
}

declare const telemetry: Telemetry;
const workerFetch = defineEventKind<WorkerFetch>('worker.fetch', [
  { kind: 'counter', name: 'fetched', unit: '{message}', value: (event) => event.count },
]);

describe('emitEvent', () => {
  it('takes the event of its kind', () => {
    telemetry.emitEvent(workerFetch, { queue: 'mail', count: 1 });
  });

  it('refuses a field that the kind does not have', () => {
    // @ts-expect-error `cuont` is misspelt
    telemetry.emitEvent(workerFetch, { queue: 'mail', count: 1, cuont: 1 });
  });

  it('refuses an event with a field missing', () => {
    // @ts-expect-error `count` is missing
    telemetry.emitEvent(workerFetch, { queue: 'mail' });
  });
});

describe('traced', () => {
  it('has the return type of its function', () => {
    expectTypeOf(traced(telemetry, 'work', () => 5)).toEqualTypeOf<number>();
    expectTypeOf(traced(telemetry, 'work', async () => 'text')).toEqualTypeOf<Promise<string>>();
    expectTypeOf(
      traced(telemetry, 'work', (): never => {
        throw new Error('no');
      }),
    ).toEqualTypeOf<never>();
  });

  it('passes through a generic function', () => {
    const measured = <T>(fn: () => T): T => traced(telemetry, 'work', fn);
    expectTypeOf(measured(() => true)).toEqualTypeOf<boolean>();
  });

  it('hands a span to the function', () => {
    traced(telemetry, 'work', (span) => expectTypeOf(span).toEqualTypeOf<Span>());
  });
});

describe('resolveTelemetry', () => {
  it('takes an option as users declare it', () => {
    const options: { readonly telemetry?: Partial<Telemetry> | undefined } = {};
    expectTypeOf(resolveTelemetry(options.telemetry)).toEqualTypeOf<Telemetry>();
  });

  it('refuses what has no hook of a telemetry', () => {
    // @ts-expect-error a meter is no telemetry
    resolveTelemetry({ createCounter: () => {} });
  });
});

describe('AmbientContext', () => {
  it('is fitted by AsyncLocalStorage without a type argument', () => {
    const ambient: AmbientContext = new AsyncLocalStorage();
    expectTypeOf(ambient.getStore()).toEqualTypeOf<ReturnType<Telemetry['activeContext']>>();
  });
});
