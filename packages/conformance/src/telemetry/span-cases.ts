import { createTraceContext, type SpanEnd, type SpanOutcome } from '@throughline/core';
import { demand, demandSame } from '../suite/demand.ts';
import { demandHostResult } from '../suite/demand-host-result.ts';
import { oddAttributes, oddErrors, oddNames, oddTimes } from './odd-values.ts';
import type { TelemetryCase } from './telemetry-world.ts';

const outcomes: readonly SpanOutcome[] = [
  'ok',
  'error',
  'timeout',
  'rejected',
  'dropped',
  'retry',
  'lost',
  'canceled',
  'delayed',
  'rate_limited',
  'waiting',
  'released',
];

/** The methods of `Span`. */
export const spanCases: readonly TelemetryCase[] = [
  {
    id: '17',
    title: 'takes every call in any order and number, and any value as an error',
    async run({ telemetry, span, random }) {
      for (const error of oddErrors()) {
        const odd = telemetry.startSpan('odd', { parent: null });
        const calls: (() => void)[] = [
          () => odd.identify({ system: 's', id: random.of(oddNames) }),
          () => odd.setAttributes(random.of(oddAttributes)),
          () => odd.addEvent(random.of(oddNames), random.of(oddAttributes), random.of(oddTimes)),
          () => odd.addLink({ context: { traceId: '', spanId: '', traceFlags: 0 } }),
          () => odd.run(() => {}),
          () => odd.end({ error, endTime: random.of(oddTimes) }),
        ];
        for (const call of random.shuffled([...calls, ...calls])) call();
      }
      telemetry.startSpan('sound').end();
      demandSame((await span('sound')).outcome, 'ok', 'the outcome of the sound span');
    },
  },
  {
    id: '18',
    title: 'has one context for as long as it exists',
    run({ telemetry }) {
      const span = telemetry.startSpan('work');
      const ids = (): unknown => [span.context.traceId, span.context.spanId, span.context.traceFlags];
      const before = ids();
      span.identify({ system: 's', id: '1' });
      span.run(() => demandSame(ids(), before, 'the context inside of run'));
      span.end();
      demandSame(ids(), before, 'the context after the end');
    },
  },
  {
    id: '19',
    title: 'records until it has ended',
    run({ telemetry }) {
      const span = telemetry.startSpan('work');
      demandSame(span.isRecording, true, 'isRecording of an open span');
      span.end();
      demandSame(span.isRecording, false, 'isRecording of a span that has ended');
    },
  },
  {
    id: '20',
    title: 'records the work it is about, also when that is known only later',
    needs: ['entities'],
    async run({ telemetry, span }) {
      const entity = {
        system: 'bullmq',
        queue: 'mail',
        name: 'welcome',
        id: '17',
        attempt: 2,
        maxAttempts: 3,
      };
      telemetry.startSpan('at the start', { entity }).end();
      const later = telemetry.startSpan('later', { kind: 'producer' });
      later.identify(entity);
      later.end();
      for (const name of ['at the start', 'later'])
        demandSame((await span(name)).entity, entity, `the entity ${name}`);
    },
    otherwise({ telemetry }) {
      telemetry.startSpan('work').identify({ system: 's', id: '1' });
    },
  },
  {
    id: '21',
    title: 'adds attributes to those before, and keeps the later of two values',
    async run({ telemetry, span }) {
      const work = telemetry.startSpan('work', { attributes: { a: 1, b: 1, c: 1 } });
      work.setAttributes({ b: 2, d: 2 });
      work.setAttributes({ c: 3 });
      work.end({ attributes: { d: 4, e: 4 } });
      const { attributes } = await span('work');
      const seen = ['a', 'b', 'c', 'd', 'e'].map((key) => attributes[key]);
      demandSame(seen, [1, 2, 3, 4, 4], 'the attributes a to e');
    },
  },
  {
    id: '22',
    title: 'records points in order, with their times',
    async run({ telemetry, span }) {
      const startTime = Date.now() - 10_000;
      const work = telemetry.startSpan('work', { startTime });
      for (const offset of [1, 2, 3]) work.addEvent(`point ${offset}`, { offset }, startTime + offset);
      work.addEvent('without attributes');
      work.end();
      const { events } = await span('work');
      demandSame(
        events.map(({ name }) => name),
        ['point 1', 'point 2', 'point 3', 'without attributes'],
        'the points',
      );
      const { time = startTime + 2 } = events[1] ?? {};
      demand(Math.abs(time - startTime - 2) < 0.01, `point 2 is at ${time}, not at ${startTime + 2}`);
    },
  },
  {
    id: '23',
    title: 'records links with their relation, beside those it began with',
    async run({ telemetry, span }) {
      const [first, second] = [createTraceContext(), createTraceContext()];
      const work = telemetry.startSpan('work', { links: [{ context: first }] });
      work.addLink({ context: second, relation: 'retry_of' });
      work.end();
      const { links } = await span('work');
      demandSame(
        links.map(({ spanId }) => spanId),
        [first.spanId, second.spanId],
        'the linked spans',
      );
      demandSame(links[1]?.relation, 'retry_of', 'the relation');
    },
  },
  {
    id: '24',
    title: 'calls the function of run once, and hands on its very result or error',
    run({ telemetry }) {
      const span = telemetry.startSpan('work');
      demandHostResult((fn) => span.run(fn), 'run');
      span.end();
      demandHostResult((fn) => span.run(fn), 'run of a span that has ended');
    },
  },
  {
    id: '25',
    title: 'takes the first end, and ignores what comes after it',
    async run({ telemetry, span }) {
      const work = telemetry.startSpan('work');
      work.end({ outcome: 'retry', attributes: { a: 1 } });
      work.end({ outcome: 'ok', attributes: { a: 2 } });
      work.setAttributes({ late: true });
      work.addEvent('late');
      work.addLink({ context: createTraceContext() });
      work.identify({ system: 'late', id: 'late' });
      const { outcome, attributes, events, links, entity } = await span('work');
      demandSame(outcome, 'retry', 'the outcome');
      demandSame([attributes.a, attributes.late], [1, undefined], 'the attributes');
      const late = events.filter(({ name }) => name === 'late');
      demandSame([late.length, links.length, entity?.id], [0, 0, undefined], 'late points, links and entity');
    },
  },
  {
    id: '26a',
    title: 'records every outcome',
    async run({ telemetry, span }) {
      for (const outcome of outcomes) telemetry.startSpan(outcome).end({ outcome });
      for (const outcome of outcomes) demandSame((await span(outcome)).outcome, outcome, 'the outcome');
    },
  },
  {
    id: '26b',
    title: 'records ok for an end that says nothing, error for one with an error, and no claim for a point',
    async run({ telemetry, span }) {
      const ends: Readonly<Record<string, SpanEnd | undefined>> = {
        silent: undefined,
        empty: {},
        failed: { error: new Error('no funds') },
      };
      for (const [name, end] of Object.entries(ends)) telemetry.startSpan(name).end(end);
      telemetry.startSpan('point', { eventType: 'ai:decision' }).end();
      const seen = await Promise.all(
        [...Object.keys(ends), 'point'].map(async (name) => (await span(name)).outcome),
      );
      demandSame(seen, ['ok', 'ok', 'error', undefined], 'the outcomes');
    },
  },
  {
    id: '26c',
    title: 'records the message of an error, whatever the outcome',
    async run({ telemetry, span }) {
      telemetry.startSpan('failed').end({ error: new TypeError('no funds') });
      telemetry.startSpan('retried').end({ error: new Error('busy'), outcome: 'retry' });
      demandSame((await span('failed')).errorMessage, 'no funds', 'the message');
      demandSame((await span('retried')).errorMessage, 'busy', 'the message of the retry');
    },
  },
  {
    id: '27a',
    title: 'ends at the time it is given, and never before it started',
    async run({ telemetry, span }) {
      const startTime = Date.now() - 20_000;
      telemetry.startSpan('given', { startTime }).end({ endTime: startTime + 1_500 });
      telemetry.startSpan('backwards', { startTime }).end({ endTime: startTime - 1_500 });
      const given = await span('given');
      demand(
        Math.abs(given.endTime - startTime - 1_500) < 0.01,
        `it ended at ${given.endTime}, not as it was told`,
      );
      const backwards = await span('backwards');
      demand(backwards.endTime >= backwards.startTime, 'a span ended before it started');
    },
  },
  {
    id: '27b',
    title: 'ends at its start plus the time that has passed, when it is not told',
    async run({ telemetry, span }) {
      const before = performance.now();
      const work = telemetry.startSpan('work');
      await new Promise((resolve) => setTimeout(resolve, 5));
      work.end();
      const most = performance.now() - before;
      const { startTime, endTime } = await span('work');
      const lasted = endTime - startTime;
      demand(lasted > 0 && lasted <= most + 2, `it lasted ${lasted} ms, and at most ${most} ms have passed`);
    },
  },
];
