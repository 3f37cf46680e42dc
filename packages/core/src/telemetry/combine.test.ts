import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { CombineTwoIdentitiesError } from '../errors/combine-two-identities-error.ts';
import {
  createHostileTelemetry,
  createRecordingTelemetry,
  type RecordingTelemetry,
} from '../testing/index.ts';
import { createTraceContext, type TraceContext } from '../trace-context/trace-context.ts';
import { combineTelemetry } from './combine.ts';
import { defineEventKind } from './event-kind.ts';
import { resolveTelemetry } from './guard.ts';
import { noopTelemetry } from './noop.ts';
import type { FlushResult, Telemetry } from './telemetry.ts';
import { telemetryHealth } from './telemetry-health.ts';
import { traced } from './traced.ts';

const quietly = { report: () => {} };

/** Chooses its own ids, as a tracing SDK does. */
function ownIdentity(recording: RecordingTelemetry): Partial<Telemetry> {
  return {
    identity: 'own',
    startSpan: (name, options) => recording.startSpan(name, { ...options, context: undefined }),
    activeContext: () => recording.activeContext(),
    withContext: (context, fn) => recording.withContext(context, fn),
  };
}

/** Makes spans without an identity: what a tracing API gives when no SDK is registered. */
function withoutIdentity(entered: (TraceContext | undefined)[] = []): Partial<Telemetry> {
  return {
    identity: 'own',
    startSpan: (name, options) => noopTelemetry.startSpan(name, { parent: options?.parent }),
    withContext: (context, fn) => {
      entered.push(context);
      return fn();
    },
  };
}

function spanOf(telemetry: RecordingTelemetry, name = 'work'): TraceContext | undefined {
  return telemetry.find(name)?.context;
}

const flushing = (result: FlushResult): Partial<Telemetry> => ({
  emitEvent: () => {},
  flush: async () => result,
  shutdown: async () => result,
});

describe('combineTelemetry', () => {
  it('gives the ids of the primary to all', () => {
    const [tracing, events, more] = [
      createRecordingTelemetry(),
      createRecordingTelemetry(),
      createRecordingTelemetry(),
    ];
    const span = combineTelemetry(ownIdentity(tracing), events, more).startSpan('work');
    expect([tracing, events, more].map((each) => spanOf(each)?.spanId)).toEqual(
      Array(3).fill(span.context.spanId),
    );
  });

  it('gives everybody the same parent', () => {
    const [tracing, events] = [createRecordingTelemetry(), createRecordingTelemetry()];
    const telemetry = combineTelemetry(ownIdentity(tracing), events);
    traced(telemetry, 'outer', () => traced(telemetry, 'inner', () => {}));
    const outer = spanOf(tracing, 'outer')?.spanId;
    expect([tracing, events].map((each) => each.find('inner')?.parent?.spanId)).toEqual([outer, outer]);
  });

  it('starts a root everywhere when nothing is active', () => {
    const [tracing, events] = [createRecordingTelemetry(), createRecordingTelemetry()];
    combineTelemetry(ownIdentity(tracing), events).startSpan('work');
    expect([tracing, events].map((each) => each.find('work')?.parent)).toEqual([undefined, undefined]);
  });

  it('starts a new root on request, inside of a span too', () => {
    const [tracing, events] = [createRecordingTelemetry(), createRecordingTelemetry()];
    const telemetry = combineTelemetry(ownIdentity(tracing), events);
    traced(telemetry, 'outer', () => telemetry.startSpan('work', { parent: null }));
    expect([tracing, events].map((each) => each.find('work')?.parent)).toEqual([undefined, undefined]);
  });

  it('lets the primary find its active parent by itself', () => {
    const seen: unknown[] = [];
    const active = createTraceContext();
    const primary: Partial<Telemetry> = {
      startSpan: (name, options) => {
        seen.push(options?.parent);
        return noopTelemetry.startSpan(name);
      },
      activeContext: () => active,
    };
    combineTelemetry(primary, createRecordingTelemetry()).startSpan('work');
    expect(seen).toEqual([undefined]);
  });

  it('tells the primary a parent that only a follower knows', () => {
    const seen: unknown[] = [];
    const primary: Partial<Telemetry> = {
      startSpan: (name, options) => {
        seen.push(options?.parent);
        return noopTelemetry.startSpan(name);
      },
    };
    const events = createRecordingTelemetry();
    const telemetry = combineTelemetry(primary, events);
    const active = createTraceContext();
    events.withContext(active, () => telemetry.startSpan('work'));
    expect(seen).toEqual([expect.objectContaining({ spanId: active.spanId })]);
  });

  describe('when the primary has no identity to give', () => {
    it('makes one, in the trace of the parent', () => {
      const parent = createTraceContext();
      const events = createRecordingTelemetry();
      const { context } = combineTelemetry(withoutIdentity(), events).startSpan('work', { parent });
      expect(context.traceId).toBe(parent.traceId);
      expect(context.spanId).not.toBe(parent.spanId);
      expect(spanOf(events)?.spanId).toBe(context.spanId);
    });

    it('makes that identity active in the primary while the span runs', () => {
      const entered: (TraceContext | undefined)[] = [];
      const span = combineTelemetry(withoutIdentity(entered), createRecordingTelemetry()).startSpan('work');
      span.run(() => {});
      expect(entered.map((context) => context?.spanId)).toEqual([span.context.spanId]);
    });

    it('keeps children under their parents through the ambient context of a follower', async () => {
      const events = createRecordingTelemetry({ ambient: new AsyncLocalStorage() });
      const telemetry = combineTelemetry(withoutIdentity(), events);
      await traced(telemetry, 'outer', async () => {
        await Promise.resolve();
        await traced(telemetry, 'inner', async () => {});
      });
      expect(events.find('inner')?.parent?.spanId).toBe(spanOf(events, 'outer')?.spanId);
    });
  });

  it('takes an identity itself when it follows in another combination', () => {
    const [tracing, events, more] = [
      createRecordingTelemetry(),
      createRecordingTelemetry(),
      createRecordingTelemetry(),
    ];
    combineTelemetry(ownIdentity(tracing), combineTelemetry(events, more)).startSpan('work');
    expect(new Set([tracing, events, more].map((each) => spanOf(each)?.spanId)).size).toBe(1);
  });

  it('refuses a follower that chooses its own ids', () => {
    const [one, two] = [ownIdentity(createRecordingTelemetry()), ownIdentity(createRecordingTelemetry())];
    expect(() => combineTelemetry(one, two)).toThrow(CombineTwoIdentitiesError);
    expect(() =>
      combineTelemetry(one, createRecordingTelemetry(), combineTelemetry(two, createRecordingTelemetry())),
    ).toThrow(expect.objectContaining({ code: 'THROUGHLINE_COMBINE_TWO_IDENTITIES', position: 2 }));
  });

  it('tells in its health when a follower ignores the identity it is given', () => {
    const stray = { ...ownIdentity(createRecordingTelemetry()), identity: 'given' } as const;
    const telemetry = combineTelemetry(createRecordingTelemetry(), resolveTelemetry(stray, quietly));
    telemetry.startSpan('one');
    telemetry.startSpan('two');
    expect(telemetryHealth(telemetry)).toMatchObject({
      failures: { startSpan: 1 },
      lastError: { message: expect.stringContaining('options.context') },
    });
  });

  it('leaves out what is absent, and is the one that remains', () => {
    const only = createRecordingTelemetry();
    expect(combineTelemetry(undefined, only, null, noopTelemetry)).toBe(resolveTelemetry(only));
    expect(combineTelemetry(undefined)).toBe(noopTelemetry);
  });

  it('takes the same telemetry once', () => {
    const only = createRecordingTelemetry();
    combineTelemetry(only, only).startSpan('work');
    expect(only.spans).toHaveLength(1);
  });

  it('needs no further guard', () => {
    const telemetry = combineTelemetry(createRecordingTelemetry(), createRecordingTelemetry());
    expect(resolveTelemetry(telemetry)).toBe(telemetry);
  });

  it('tells everybody everything about a span', () => {
    const all = [createRecordingTelemetry(), createRecordingTelemetry()] as const;
    const span = combineTelemetry(...all).startSpan('work', { attributes: { a: 1 } });
    const other = createTraceContext();
    const error = new Error('no');
    span.identify({ system: 'test', id: '7' });
    span.setAttributes({ b: 2 });
    span.addEvent('point', { c: 3 }, 5);
    span.addLink({ context: other, relation: 'retry_of' });
    span.end({ outcome: 'retry', error, tags: ['t'], data: { d: 4 } });
    for (const { spans } of all) {
      expect(spans).toMatchObject([
        {
          entity: { id: '7' },
          attributes: { a: 1, b: 2 },
          events: [{ name: 'point', attributes: { c: 3 }, time: 5 }],
          links: [{ context: other, relation: 'retry_of' }],
          outcome: 'retry',
          tags: ['t'],
          data: { d: 4 },
        },
      ]);
      expect(spans[0]?.error).toBe(error);
    }
  });

  it('emits events to all and observes for all', () => {
    const all = [createRecordingTelemetry(), createRecordingTelemetry()] as const;
    const telemetry = combineTelemetry(...all);
    telemetry.emitEvent(defineEventKind('tick', []), {});
    const stop = telemetry.observe({ kind: 'gauge', name: 'depth', unit: '{job}' }, (observe) => observe(3));
    expect(all.map((each) => [each.events.length, each.collect().length])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    stop();
    expect(all.map((each) => each.collect().length)).toEqual([0, 0]);
  });

  it('is enabled when one is', () => {
    const telemetry = combineTelemetry({ emitEvent: () => {} }, createRecordingTelemetry());
    expect(telemetry.isEnabled('spans')).toBe(true);
  });

  it('imports spans where that is possible, and has no such member where it is not', () => {
    const recording = createRecordingTelemetry();
    const span = {
      name: 'in worker',
      context: createTraceContext(),
      startTime: 1,
      endTime: 2,
      outcome: 'ok',
    } as const;
    combineTelemetry({ emitEvent: () => {} }, recording).importSpans?.([span]);
    expect(recording.spans).toMatchObject([span]);
    expect(
      combineTelemetry({ emitEvent: () => {} }, { observe: () => () => {} }).importSpans,
    ).toBeUndefined();
  });

  it.each<[FlushResult, FlushResult, FlushResult]>([
    [{ complete: true }, { complete: true }, { complete: true }],
    [
      { complete: true },
      { complete: 'unknown', reason: 'unsupported' },
      { complete: 'unknown', reason: 'unsupported' },
    ],
    [
      { complete: 'unknown', reason: 'unsupported' },
      { complete: false, reason: 'timeout' },
      { complete: false, reason: 'timeout' },
    ],
  ])('merges flush results %o and %o', async (one, two, merged) => {
    const telemetry = combineTelemetry(flushing(one), flushing(two));
    expect([await telemetry.flush(), await telemetry.shutdown()]).toEqual([merged, merged]);
  });

  it('adds up accounts', async () => {
    const account = {
      accepted: 5,
      stored: 1,
      duplicates: 1,
      spooled: 1,
      dropped: { full: 1 },
      rejected: 0,
      buffered: 1,
      replayed: 1,
    };
    const telemetry = combineTelemetry(
      flushing({ complete: true, account }),
      flushing({ complete: true, account }),
    );
    expect((await telemetry.flush()).account).toEqual({
      accepted: 10,
      stored: 2,
      duplicates: 2,
      spooled: 2,
      dropped: { full: 2 },
      rejected: 0,
      buffered: 2,
      replayed: 2,
    });
  });

  it('adds up health', () => {
    const hostile = resolveTelemetry(createHostileTelemetry('emitEvent', 'throws'), quietly);
    const other = resolveTelemetry(createHostileTelemetry('emitEvent', 'throws'), quietly);
    const telemetry = combineTelemetry(hostile, other);
    telemetry.emitEvent(defineEventKind('tick', []), {});
    expect(telemetryHealth(telemetry).failures).toEqual({ emitEvent: 2 });
  });
});
