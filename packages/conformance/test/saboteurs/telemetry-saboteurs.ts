import {
  createTraceContext,
  type Span,
  type SpanOptions,
  type Telemetry,
  type TraceContext,
} from '@throughline/core';
import type { RecordingTelemetry } from '@throughline/core/testing';

/** A telemetry that is wrong in one way, and the one case that must find it out. */
export interface TelemetrySaboteur {
  readonly wrong: string;
  readonly fails: string;
  readonly sabotage: (sink: RecordingTelemetry) => Partial<Telemetry>;
}

/** The methods of `target`, bound, with some of them replaced. */
export function withHooks<T extends object>(target: T, replaced: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      if (Object.hasOwn(replaced, name)) return Reflect.get(replaced, name);
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/** Every span is started as usual, then changed. */
function spans(change: (span: Span, options: SpanOptions, sink: RecordingTelemetry) => Partial<Span>) {
  return (sink: RecordingTelemetry): Partial<Telemetry> => ({
    startSpan(name, options = {}) {
      const span = sink.startSpan(name, options);
      return withHooks(span, change(span, options, sink));
    },
  });
}

/** The options are changed before a span is started. */
function options(change: (options: SpanOptions, sink: RecordingTelemetry, name: string) => SpanOptions) {
  return (sink: RecordingTelemetry): Partial<Telemetry> => ({
    startSpan: (name, given = {}) => sink.startSpan(name, change(given, sink, name)),
  });
}

export const telemetrySaboteurs: readonly TelemetrySaboteur[] = [
  {
    wrong: 'throws at a name that it cannot store',
    fails: '1',
    sabotage: (sink) => ({
      startSpan(name, given) {
        if (name === '') throw new TypeError('a span needs a name');
        return sink.startSpan(name, given);
      },
    }),
  },
  {
    wrong: 'has few span ids',
    fails: '2',
    sabotage: (sink) => {
      let started = 0;
      const ids = Array.from({ length: 60 }, () => createTraceContext().spanId);
      return {
        startSpan(name, given = {}) {
          const id = ids[started++ % ids.length] ?? '';
          const parent = given.parent === undefined ? sink.activeContext() : given.parent;
          const context = given.context ?? { ...createTraceContext({ parent }), spanId: id };
          return sink.startSpan(name, { ...given, context });
        },
      };
    },
  },
  {
    wrong: 'loses a parent that comes from the same process',
    fails: '3a',
    sabotage: options((given) =>
      given.parent && !given.parent.isRemote && !given.parent.traceState && !given.context
        ? { ...given, parent: null }
        : given,
    ),
  },
  {
    wrong: 'loses a parent that has a tracestate',
    fails: '3b',
    sabotage: options((given) => (given.parent?.traceState ? { ...given, parent: null } : given)),
  },
  {
    wrong: 'makes children of what is active in the trace alone, without the parent',
    fails: '3c',
    sabotage: options((given, sink) => {
      const active = given.parent === undefined ? sink.activeContext() : undefined;
      return active ? { ...given, parent: { ...active, spanId: 'f'.repeat(16) } } : given;
    }),
  },
  {
    wrong: 'takes no parent for any parent',
    fails: '4',
    sabotage: options((given) => (given.parent === null ? { ...given, parent: undefined } : given)),
  },
  {
    wrong: 'makes ids of its own, and does not say so',
    fails: '5',
    sabotage: options((given) => ({ ...given, context: undefined })),
  },
  {
    wrong: 'takes servers for consumers',
    fails: '6a',
    sabotage: options((given) => (given.kind === 'server' ? { ...given, kind: 'consumer' } : given)),
  },
  {
    wrong: 'keeps one link',
    fails: '6b',
    sabotage: options((given) => ({ ...given, links: given.links?.slice(0, 1) })),
  },
  {
    wrong: 'rounds the start time that it is given to milliseconds',
    fails: '6c',
    sabotage: options((given) =>
      given.startTime === undefined ? given : { ...given, startTime: Math.round(given.startTime) },
    ),
  },
  {
    wrong: 'does not make a span active inside of another scope',
    fails: '7a',
    sabotage: spans((span, _options, sink) => ({
      run: (fn) => (sink.activeContext() ? fn() : span.run(fn)),
    })),
  },
  {
    wrong: 'calls the function of withContext twice when it throws',
    fails: '8',
    sabotage: (sink) => ({
      withContext(context, fn) {
        try {
          return sink.withContext(context, fn);
        } catch (error) {
          if (!sink.isEnabled('spans')) throw error;
          return sink.withContext(context, fn);
        }
      },
    }),
  },
  {
    wrong: 'loses what is active after a timer',
    fails: '7b',
    sabotage: (sink) => {
      let isLost = false;
      return {
        activeContext: () => (isLost ? undefined : sink.activeContext()),
        withContext: (context, fn) =>
          sink.withContext(context, () => {
            const result = fn();
            if (result instanceof Promise)
              setTimeout(() => {
                isLost = true;
              }, 0);
            return result;
          }),
      };
    },
  },
  {
    wrong: 'leaves active what a function that throws had active',
    fails: '9a',
    sabotage: (sink) => {
      let left: TraceContext | undefined;
      return {
        activeContext: () => left ?? sink.activeContext(),
        withContext(context, fn) {
          try {
            return sink.withContext(context, fn);
          } catch (error) {
            if (sink.activeContext()) left = context;
            throw error;
          }
        },
      };
    },
  },
  {
    wrong: 'does not detach',
    fails: '9b',
    sabotage: (sink) => ({
      withContext: (context, fn) => (context === undefined ? fn() : sink.withContext(context, fn)),
    }),
  },
  {
    wrong: 'starts a trace of its own for what it extracts',
    fails: '10',
    sabotage: (sink) => ({
      propagation: {
        inject: sink.propagation.inject,
        extract: (carrier) => {
          const context = sink.propagation.extract(carrier);
          return context && { ...context, isRemote: undefined };
        },
      },
    }),
  },
  {
    wrong: 'measures nothing',
    fails: '11',
    sabotage: () => ({ emitEvent: () => {} }),
  },
  {
    wrong: 'never stops to observe',
    fails: '12',
    sabotage: (sink) => ({
      observe(instrument, read) {
        sink.observe(instrument, read);
        return () => {};
      },
    }),
  },
  {
    wrong: 'says that it is off',
    fails: '13',
    sabotage: () => ({ isEnabled: () => false }),
  },
  {
    wrong: 'imports spans with times of its own',
    fails: '14',
    sabotage: (sink) => ({
      importSpans: (imported) =>
        sink.importSpans?.(imported.map((span) => ({ ...span, startTime: Date.now() }))),
    }),
  },
  {
    wrong: 'flushes nothing, and says so',
    fails: '15a',
    sabotage: () => ({ flush: async () => ({ complete: false, reason: 'failed' }) }),
  },
  {
    wrong: 'rejects a flush whose time is no positive number',
    fails: '15b',
    sabotage: (sink) => ({
      async flush(flushing) {
        if (flushing?.timeoutMs !== undefined && !(flushing.timeoutMs > 0)) throw new Error('timeout');
        return sink.flush(flushing);
      },
    }),
  },
  {
    wrong: 'rejects when it is shut down again',
    fails: '16a',
    sabotage: (sink) => {
      let isStopped = false;
      return {
        async shutdown() {
          if (isStopped) throw new Error('stopped already');
          isStopped = true;
          return sink.shutdown();
        },
      };
    },
  },
  {
    wrong: 'records on after it was shut down',
    fails: '16b',
    sabotage: (sink) => ({ shutdown: () => sink.flush() }),
  },
  {
    wrong: 'fails at an error without a prototype',
    fails: '17',
    sabotage: spans((span) => ({
      end(end) {
        const isPlain = end?.error instanceof Error || end?.error == null;
        span.end(end);
        if (!isPlain) String(end?.error);
      },
    })),
  },
  {
    wrong: 'has another context once it has ended',
    fails: '18',
    sabotage: spans((span) => ({
      get context() {
        return span.isRecording ? span.context : { ...span.context, traceFlags: 0 };
      },
    })),
  },
  {
    wrong: 'says that it records for ever',
    fails: '19',
    sabotage: spans(() => ({ isRecording: true })),
  },
  {
    wrong: 'does not learn later which work it is about',
    fails: '20',
    sabotage: spans(() => ({ identify: () => {} })),
  },
  {
    wrong: 'replaces attributes',
    fails: '21',
    sabotage: spans((span, { attributes = {} }) => ({
      setAttributes: (more) =>
        span.setAttributes({
          ...Object.fromEntries(Object.keys(attributes).map((key) => [key, undefined])),
          ...more,
        }),
    })),
  },
  {
    wrong: 'dates points with the time of the call',
    fails: '22',
    sabotage: spans((span) => ({ addEvent: (name, attributes) => span.addEvent(name, attributes) })),
  },
  {
    wrong: 'loses the relation of links that are added',
    fails: '23',
    sabotage: spans((span) => ({ addLink: ({ context }) => span.addLink({ context }) })),
  },
  {
    wrong: 'runs nothing once it has ended',
    fails: '24',
    sabotage: spans((span) => ({ run: (fn) => (span.isRecording ? span.run(fn) : (undefined as never)) })),
  },
  {
    wrong: 'lets the last end win',
    fails: '25',
    sabotage: spans((span, _options, sink) => ({
      end(end) {
        span.end(end);
        const record = sink.spans.find(({ context }) => context === span.context);
        if (record && end?.outcome) Object.assign(record, { outcome: end.outcome });
      },
    })),
  },
  {
    wrong: 'knows no outcome but ok and error',
    fails: '26a',
    sabotage: spans((span) => ({
      end: (end) => span.end(end?.outcome === 'rate_limited' ? { ...end, outcome: 'error' } : end),
    })),
  },
  {
    wrong: 'takes a point that says nothing for a success',
    fails: '26b',
    sabotage: spans((span, { eventType }) => ({
      end: (end) => span.end(eventType && !end?.outcome ? { ...end, outcome: 'ok' } : end),
    })),
  },
  {
    wrong: 'forgets the error when there is an outcome',
    fails: '26c',
    sabotage: spans((span) => ({
      end: (end) => span.end(end?.outcome ? { ...end, error: undefined } : end),
    })),
  },
  {
    wrong: 'ends every span now',
    fails: '27a',
    sabotage: spans((span) => ({ end: (end) => span.end({ ...end, endTime: undefined }) })),
  },
  {
    wrong: 'ends a span that is not told when at its start',
    fails: '27b',
    sabotage: spans((span, _options, sink) => ({
      end(end) {
        const start = sink.spans.find(({ context }) => context === span.context)?.startTime;
        span.end({ endTime: start, ...end });
      },
    })),
  },
];
