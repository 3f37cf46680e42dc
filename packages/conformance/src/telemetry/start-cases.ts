import {
  createTraceContext,
  isValidTraceContext,
  type SpanKind,
  type SpanOptions,
  traced,
} from '@throughline/core';
import { demand, demandSame, demandSameMembers } from '../suite/demand.ts';
import { oddAttributes, oddNames, oddOptions, oddTimes } from './odd-values.ts';
import type { TelemetryCase } from './telemetry-world.ts';

const kinds: readonly SpanKind[] = ['internal', 'producer', 'consumer', 'client', 'server'];

/** `startSpan`: who a span is, whose child it is, and what it begins with. */
export const startCases: readonly TelemetryCase[] = [
  {
    id: '1',
    title: 'starts a span whatever the options are, and loses no other span for it',
    async run({ telemetry, span, random }) {
      for (const options of oddOptions) telemetry.startSpan('odd', options).end();
      for (const name of oddNames) telemetry.startSpan(name).end();
      for (const attributes of oddAttributes) telemetry.startSpan('odd', { attributes }).end({ attributes });
      for (const startTime of oddTimes)
        telemetry.startSpan('odd', { startTime }).end({ endTime: random.of(oddTimes) });
      telemetry.startSpan('sound').end();
      demandSame((await span('sound')).outcome, 'ok', 'the outcome of the sound span');
    },
  },
  {
    id: '2',
    title: 'gives each span an identity that is valid and no other has',
    async run({ telemetry, spans }) {
      const started = Array.from({ length: 100 }, (_, i) =>
        telemetry.startSpan(`span ${i}`, { parent: null }),
      );
      const contexts = started.map(({ context }) => context);
      demand(contexts.every(isValidTraceContext), 'the context of a span is not valid');
      demand(new Set(contexts.map(({ spanId }) => spanId)).size === 100, 'two spans have the same span id');
      for (const span of started) span.end();
      const seen = (await spans()).map(({ traceId, spanId }) => `${traceId} ${spanId}`);
      demandSameMembers(
        seen,
        contexts.map(({ traceId, spanId }) => `${traceId} ${spanId}`),
        'the recorded ids',
      );
    },
  },
  {
    id: '3a',
    title: 'makes a child of the parent it is given',
    async run({ telemetry, span }) {
      const parent = telemetry.startSpan('parent', { parent: null });
      const child = telemetry.startSpan('child', { parent: parent.context });
      demandSame(child.context.traceId, parent.context.traceId, 'the trace of the child');
      child.end();
      parent.end();
      demandSame((await span('child')).parentSpanId, parent.context.spanId, 'the recorded parent');
    },
  },
  {
    id: '3b',
    title: 'makes a child of a parent that came from elsewhere',
    async run({ telemetry, span }) {
      const remote = { ...createTraceContext(), traceState: 'vendor=1', isRemote: true };
      const child = telemetry.startSpan('child', { parent: remote, kind: 'consumer' });
      demandSame(child.context.traceId, remote.traceId, 'the trace of the child');
      child.end();
      const { traceId, parentSpanId } = await span('child');
      demandSame([traceId, parentSpanId], [remote.traceId, remote.spanId], 'the recorded trace and parent');
    },
  },
  {
    id: '3c',
    title: 'makes a child of what is active when no parent is given',
    needs: ['ambient'],
    async run({ telemetry, span }) {
      const outer = traced(telemetry, 'outer', ({ context }) => {
        traced(telemetry, 'inner', () => {});
        return context;
      });
      const { traceId, parentSpanId } = await span('inner');
      demandSame([traceId, parentSpanId], [outer.traceId, outer.spanId], 'the recorded trace and parent');
    },
  },
  {
    id: '4',
    title: 'starts a new trace for the parent null, whatever is active',
    async run({ telemetry, span }) {
      const outer = traced(telemetry, 'outer', ({ context }) => {
        telemetry.startSpan('root', { parent: null }).end();
        return context;
      });
      const { traceId, parentSpanId } = await span('root');
      demand(traceId !== outer.traceId, 'the root is in the trace of what was active');
      demand(parentSpanId === undefined, 'the root has a parent');
    },
  },
  {
    id: '5',
    title: 'takes the identity it is given',
    needs: ['givenIdentity'],
    async run({ telemetry, span }) {
      const context = createTraceContext();
      const parent = { ...createTraceContext(), traceId: context.traceId };
      const given = telemetry.startSpan('given', { context, parent });
      given.end();
      demandSame(
        [given.context.traceId, given.context.spanId],
        [context.traceId, context.spanId],
        'the identity',
      );
      const { traceId, spanId, parentSpanId } = await span('given');
      demandSame(
        [traceId, spanId, parentSpanId],
        [context.traceId, context.spanId, parent.spanId],
        'what is recorded',
      );
    },
    otherwise({ telemetry }) {
      demandSame(
        telemetry.identity,
        'own',
        'the identity of the telemetry, which the harness says takes none',
      );
    },
  },
  {
    id: '6a',
    title: 'records the kind it is given',
    async run({ telemetry, span }) {
      for (const kind of kinds) telemetry.startSpan(kind, { kind }).end();
      telemetry.startSpan('without').end();
      for (const kind of kinds) demandSame((await span(kind)).kind, kind, 'the kind');
      demandSame((await span('without')).kind, 'internal', 'the kind of a span that says none');
    },
  },
  {
    id: '6b',
    title: 'records the attributes and links it is given',
    async run({ telemetry, span }) {
      const context = createTraceContext();
      const attributes = { text: 'ä', number: 0.5, flag: false, list: ['a', 'b'] };
      const options: SpanOptions = {
        attributes,
        links: [{ context, relation: 'produced_by' }, { context: createTraceContext() }],
      };
      telemetry.startSpan('work', options).end();
      const seen = await span('work');
      for (const [key, value] of Object.entries(attributes))
        demandSame(seen.attributes[key], value, `attribute ${key}`);
      demandSame(seen.links.length, 2, 'the number of links');
      const [link] = seen.links;
      demandSame(
        [link?.traceId, link?.spanId, link?.relation],
        [context.traceId, context.spanId, 'produced_by'],
        'the first link',
      );
    },
  },
  {
    id: '6c',
    title: 'records the start time it is given',
    async run({ telemetry, span }) {
      const startTime = Date.now() - 60_000.75;
      telemetry.startSpan('early', { startTime }).end();
      const seen = await span('early');
      demand(
        Math.abs(seen.startTime - startTime) < 0.01,
        `it started at ${seen.startTime}, not at ${startTime}`,
      );
    },
  },
];
