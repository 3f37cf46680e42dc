import { createTraceContext, formatCarrier, type JsonValue, traced } from '@throughline/core';
import type { RecordedSpan } from '@throughline/core/testing';
import { demand, demandSame, demandSameMembers, describe } from '../suite/demand.ts';
import type { JobAdapterCase, JobAdapterWorld } from './job-adapter-world.ts';
import { welcome } from './send-cases.ts';

/** `process`: one trace from send to settlement, whatever happens in between. */
export const processCases: readonly JobAdapterCase[] = [
  {
    id: '3a',
    title: 'records the start of a job as a child of its producer span, in one trace',
    async run({ jobs, only }) {
      await jobs.process(async () => 'done');
      await jobs.settled(await jobs.send(welcome));
      const [send, start] = [await only('producer'), await only('consumer')];
      demandSame(start.context.traceId, send.context.traceId, 'the trace of the start');
      demandSame(start.parent?.spanId, send.context.spanId, 'the parent of the start');
      demandSame(start.parent?.isRemote, true, 'isRemote of that parent');
    },
  },
  {
    id: '3b',
    title: 'keeps every start of a job that is tried again in that trace, each as a span of its own',
    async run(world) {
      const starts = await failing(world, { attempts: 3, failures: 2 });
      const send = await world.only('producer');
      demandSame(
        starts.map(({ context }) => context.traceId),
        starts.map(() => send.context.traceId),
        'the traces',
      );
      demandSame(
        starts.map(({ parent }) => parent?.spanId),
        starts.map(() => send.context.spanId),
        'the parents',
      );
      demandSame(new Set(starts.map(({ context }) => context.spanId)).size, 3, 'the number of span ids');
    },
  },
  {
    id: '4a',
    title: 'records retry for a start that failed and is followed by another, then ok',
    async run(world) {
      const starts = await failing(world, { attempts: 3, failures: 2 });
      demandSame(
        starts.map(({ outcome }) => outcome),
        ['retry', 'retry', 'ok'],
        'the outcomes',
      );
    },
  },
  {
    id: '4b',
    title: 'records error for the start after which no other follows',
    async run(world) {
      const starts = await failing(world, { attempts: 2, failures: 2 });
      demandSame(
        starts.map(({ outcome }) => outcome),
        ['retry', 'error'],
        'the outcomes',
      );
    },
  },
  {
    id: '4c',
    title: 'records the very error that the processor threw',
    async run({ jobs, ended }) {
      const errors = [new TypeError('first'), new RangeError('second')];
      let starts = 0;
      await jobs.process(async () => {
        throw errors[starts++];
      });
      await jobs.settled(await jobs.send({ ...welcome, attempts: 2 }));
      for (const [i, { error }] of (await ended('consumer', 2)).entries())
        demand(
          error === errors[i],
          `start ${i + 1} has ${describe(error)}, not the very error of its processor`,
        );
    },
  },
  {
    id: '4d',
    title: 'links a start to the failed one before it',
    async run(world) {
      const starts = await failing(world, { attempts: 3, failures: 2 });
      demandSame(
        starts.map(({ links }) =>
          links.filter(({ relation }) => relation === 'retry_of').map(({ context }) => context.spanId),
        ),
        [[], ...starts.slice(0, 2).map(({ context }) => [context.spanId])],
        'the links retry_of',
      );
    },
  },
  {
    id: '5a',
    title: 'names the work alike where it is sent and where it is started',
    async run({ jobs, only }) {
      await jobs.process(async () => 'done');
      const id = await jobs.send(welcome);
      await jobs.settled(id);
      const [send, start] = [await only('producer'), await only('consumer')];
      const work = ({ subject, entity }: RecordedSpan): unknown => [
        subject,
        entity?.system,
        entity?.queue,
        entity?.name,
        entity?.id,
      ];
      demandSame(work(send), work(start), 'subject, system, queue, name and id');
      demandSame([start.entity?.name, start.entity?.id], [welcome.name, id], 'the name and id');
      demand(
        Boolean(start.subject && start.entity?.system && start.entity.queue),
        'the work has no subject or queue',
      );
    },
  },
  {
    id: '5b',
    title: 'numbers the starts of a job from 1',
    async run(world) {
      const starts = await failing(world, { attempts: 3, failures: 2 });
      demandSame(
        starts.map(({ entity }) => entity?.attempt),
        [1, 2, 3],
        'the attempts',
      );
    },
  },
  {
    id: '6a',
    title: 'calls the processor once for each start, and hands its result on',
    async run({ jobs, ended }) {
      let calls = 0;
      await jobs.process(async () => {
        calls++;
        if (calls === 1) throw new Error('busy');
        return { calls };
      });
      const id = await jobs.send({ ...welcome, attempts: 2 });
      demandSame(await jobs.settled(id), { result: { calls: 2 } }, 'the settlement');
      await ended('consumer', 2);
      demandSame(calls, 2, 'the number of calls');
    },
  },
  {
    id: '6b',
    title: 'has the span of the start active in the processor, across await',
    needs: ['ambient'],
    async run({ jobs, telemetry, only }) {
      const active: unknown[] = [];
      await jobs.process(async () => {
        active.push(telemetry.activeContext()?.spanId);
        await new Promise((resolve) => setTimeout(resolve, 1));
        active.push(telemetry.activeContext()?.spanId);
        return null;
      });
      await jobs.settled(await jobs.send(welcome));
      const { spanId } = (await only('consumer')).context;
      demandSame(active, [spanId, spanId], 'what was active in the processor');
    },
  },
  {
    id: '7',
    title: 'keeps jobs apart that are sent and processed at the same time',
    needs: ['ambient'],
    async run({ jobs, telemetry, ended }) {
      const traces = new Map<string, string>();
      await jobs.process(async ({ data }) => {
        await new Promise((resolve) => setTimeout(resolve, Number(data) % 3));
        return data;
      });
      const ids = await Promise.all(
        Array.from({ length: 12 }, (_, data) =>
          traced(telemetry, `request ${data}`, async ({ context }) => {
            const id = await jobs.send({ ...welcome, data });
            traces.set(id, context.traceId);
            return id;
          }),
        ),
      );
      await Promise.all(ids.map((id) => jobs.settled(id)));
      const seen = (await ended('consumer', 12)).map(({ entity, context }) => [entity?.id, context.traceId]);
      demandSameMembers(seen, [...traces], 'the jobs and their traces');
    },
  },
  {
    id: '8',
    title: 'has ended every span when the job is settled',
    async run({ jobs, telemetry, ended }) {
      await jobs.process(async ({ data }) => {
        if (data === 'fails') throw new Error('no');
        return data;
      });
      for (const data of ['succeeds', 'fails']) await jobs.settled(await jobs.send({ ...welcome, data }));
      await ended('producer', 2);
      await ended('consumer', 2);
      const open = telemetry.spans.filter(({ endTime }) => endTime === undefined).map(({ name }) => name);
      demandSame(open, [], 'the spans that are open');
    },
  },
  {
    id: '9a',
    title: 'processes a job without a carrier in a new trace',
    needs: ['bare'],
    run: async (world) => void (await processesBare(world, undefined)),
  },
  {
    id: '9b',
    title: 'processes a job in a new trace whose carrier cannot be believed',
    needs: ['bare'],
    async run(world) {
      for (const carrier of [
        '',
        '{',
        'null',
        '[]',
        '"x"',
        '{"traceparent":5}',
        `{"traceparent":"ff-${'1'.repeat(52)}"}`,
      ])
        await processesBare(world, carrier);
    },
  },
  {
    id: '9c',
    title: 'processes a job in a new trace that links to its carrier, when the carrier asks for that',
    needs: ['bare'],
    async run(world) {
      const origin = createTraceContext();
      const [start] = await processesBare(world, formatCarrier(origin, 'link'));
      demandSame(
        start?.links.map(({ context }) => [context.traceId, context.spanId]),
        [[origin.traceId, origin.spanId]],
        'the links of the start',
      );
      demand(start?.context.traceId !== origin.traceId, 'the start is in the trace of its carrier');
    },
  },
];

/** The starts of a job that fails so often. */
async function failing(
  { jobs, ended }: JobAdapterWorld,
  { attempts, failures }: { readonly attempts: number; readonly failures: number },
): Promise<readonly RecordedSpan[]> {
  let starts = 0;
  await jobs.process(async () => {
    if (starts++ < failures) throw new Error(`failure ${starts}`);
    return starts;
  });
  await jobs.settled(await jobs.send({ ...welcome, attempts }));
  return ended('consumer', Math.min(attempts, failures + 1));
}

async function processesBare(
  { open, telemetry }: JobAdapterWorld,
  carrier: string | undefined,
): Promise<readonly RecordedSpan[]> {
  const jobs = await open(telemetry);
  telemetry.clear();
  demand(jobs.sendBare !== undefined, 'there is no sendBare: say capabilities.bare is false');
  await jobs.process(async ({ data }): Promise<JsonValue> => data);
  const settlement = await jobs.settled(await jobs.sendBare(welcome, carrier));
  demandSame(settlement, { result: welcome.data }, `the settlement of a job with the carrier ${carrier}`);
  await jobs.close();
  const starts = telemetry.spans.filter(({ kind }) => kind === 'consumer');
  demandSame(
    starts.map(({ outcome }) => outcome),
    ['ok'],
    'the outcomes of its starts',
  );
  demand(starts[0]?.parent === undefined, `a job with the carrier ${carrier} has a parent`);
  return starts;
}
