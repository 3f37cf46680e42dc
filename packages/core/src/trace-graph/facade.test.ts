import { describe, expect, it } from 'vitest';
import { MemoryTraceStore } from '../events/memory-trace-store.ts';
import { loanSagaFixture } from '../testing/loan-saga-fixture.ts';
import { createTraceContext } from '../trace-context/trace-context.ts';
import { addTraceToJob, getTraceFromJob, TraceQuery, TraceReader, TraceWriter } from './facade.ts';

const ids = (events: readonly { span_id: string }[]): string[] => events.map(({ span_id }) => span_id);

describe('TraceQuery on the seven events of the loan saga', () => {
  const query = new TraceQuery(loanSagaFixture);

  it('finds one root, although ends name no parent', () => {
    expect(ids(query.graph.roots().flatMap(({ event }) => event ?? []))).toEqual(['S1']);
    expect(query.getRoot()?.event_type).toBe('workflow:started');
  });

  it('walks from the root to the job', () => {
    expect(ids(query.getPath('S3'))).toEqual(['S1', 'S2', 'S3']);
  });

  it('has no path to a span that nobody knows', () => {
    expect(query.getPath('S99')).toEqual([]);
  });

  it('lists the children by start', () => {
    expect(ids(query.getChildren('S1'))).toEqual(['S2', 'S6', 'S7']);
  });

  it('names the failure and its path', () => {
    expect(query.getFailure()).toMatchObject({
      span_id: 'S6',
      data: { error: { message: 'Insufficient funds' } },
    });
    expect(ids(query.getPath('S6'))).toEqual(['S1', 'S6']);
  });

  it('pairs the compensation with what it undoes', () => {
    expect(query.getCompensations()).toMatchObject([
      {
        compensation: { span_id: 'S7' },
        original: { span_id: 'S2', event_type: 'stage:validate:completed' },
      },
    ]);
  });

  it('keeps the compensation pending while nothing says that it succeeded', () => {
    expect(query.graph.compensations().map(({ status }) => status)).toEqual(['pending']);
  });

  it('says that the trace failed while its root is open', () => {
    expect(query.graph.explainFailure().outcome).toBe('failed');
    expect(query.graph.root()?.state).toBe('open');
  });

  it('explains it in one paragraph', () => {
    expect(query.graph.explainFailure().toText()).toBe(
      'Trace T1 failed: stage:funding failed with InsufficientFundsError: Insufficient funds. ' +
        'Chain: workflow → stage:funding. Not undone yet: stage:validate by saga:compensating. ' +
        'Still open: workflow.',
    );
  });

  it('finds events by type and spans by status', () => {
    expect(ids(query.findByType('job:completed'))).toEqual(['S3']);
    expect(ids(query.findByStatus('success'))).toEqual(['S2', 'S3']);
  });

  it('nests events under their root', () => {
    const tree = query.buildTree();
    expect(tree?.event?.span_id).toBe('S1');
    expect(tree?.children.map(({ span }) => span.spanId)).toEqual(['S2', 'S6', 'S7']);
    expect(tree?.children[0]?.children.map(({ span }) => span.spanId)).toEqual(['S3']);
  });
});

describe('TraceQuery without events', () => {
  it('answers every question with nothing', () => {
    const query = new TraceQuery([]);
    expect([query.getRoot(), query.getFailure(), query.buildTree()]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([query.getCompensations(), query.findByType('a:b')]).toEqual([[], []]);
  });
});

describe('TraceWriter and TraceReader', () => {
  it('write events and read them back', async () => {
    const store = new MemoryTraceStore();
    const writer = new TraceWriter(store);
    for (const event of loanSagaFixture) writer.emit(event);
    const { complete } = await writer.close();
    expect(complete).toBe(true);
    expect(ids(await new TraceReader(store).getTrace('T1'))).toEqual(ids(loanSagaFixture));
  });

  it('make contexts of a new trace or of one that exists', async () => {
    const writer = new TraceWriter(new MemoryTraceStore(), { process: false });
    expect(writer.createContext('T1').traceId).toBe('T1');
    expect(writer.createContext().traceId).toMatch(/^[\da-f]{32}$/);
    expect(writer.generateId()).toMatch(/^[\da-f]{16}$/);
    await writer.close();
  });
});

describe('addTraceToJob and getTraceFromJob', () => {
  it('carry a context inside a payload and leave the payload as it was', () => {
    const context = createTraceContext();
    const payload = { orderId: 17 };
    expect(getTraceFromJob(addTraceToJob(payload, context))).toMatchObject({
      traceId: context.traceId,
      spanId: context.spanId,
    });
    expect(payload).toEqual({ orderId: 17 });
  });

  it.each([
    [null],
    [undefined],
    [5],
    ['x'],
    [{}],
    [{ _trace: 'no carrier' }],
    [
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('no');
          },
        },
      ),
    ],
  ])('find nothing in a payload that carries nothing', (data) => {
    expect(getTraceFromJob(data)).toBeUndefined();
  });
});
