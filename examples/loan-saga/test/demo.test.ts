import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectTrace, type TraceEvent } from '@throughline/core/events';
import { fromOtlp } from '@throughline/core/otlp';
import { expectTrace } from '@throughline/core/testing';
import { createTraceGraph, type TraceGraph } from '@throughline/core/trace-graph';
import { openJournalStore } from '@throughline/journal-store';
import { type OtlpReceiver, spawnNode, startOtlpReceiver } from '@throughline/testkit';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

const DEMO = new URL('../dist/main.js', import.meta.url);

interface Run {
  readonly directory: string;
  readonly receiver: OtlpReceiver;
  readonly output: string;
  readonly exitCode: number | null;
  readonly traceId: string;
  /** Of the saga. */
  readonly events: readonly TraceEvent[];
  /** Of the traces that are linked to it. */
  readonly linked: readonly TraceEvent[];
  /** Of all of them. */
  readonly graph: TraceGraph;
  end(): Promise<void>;
}

async function runDemo(...args: string[]): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-demo-'));
  const directory = join(folder, 'journal');
  const receiver = await startOtlpReceiver();
  const demo = spawnNode(DEMO, ['--store', directory, '--otlp', receiver.url, ...args], {
    env: { REDIS_URL: inject('redisUrl') },
  });
  const { code } = await demo.exited;
  const output = [...demo.lines, ...demo.errorLines].join('\n');

  const store = await openJournalStore({ directory });
  const { traces } = await store.listTraces({
    eventType: args.includes('--postgres') ? 'task:queued' : 'job:queued',
  });
  const traceId = traces[0]?.traceId ?? '';
  const events = await store.getTrace(traceId);
  const { events: withLinked } = await collectTrace(store, traceId);
  await store.close();
  const end = async (): Promise<void> => {
    await receiver.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    directory,
    receiver,
    output,
    exitCode: code,
    traceId,
    events,
    linked: withLinked.filter((event) => event.trace_id !== traceId),
    graph: createTraceGraph(withLinked, { traceId }),
    end,
  };
}

const runs: Run[] = [];
const onRedis = shared(() => runDemo());
const onPostgres = shared(() => runDemo('--postgres'));
afterAll(async () => {
  await Promise.all(runs.map((run) => run.end()));
});

/** A run that several groups of tests look at. */
function shared(start: () => Promise<Run>): () => Promise<Run> {
  let run: Promise<Run> | undefined;
  const started = async (): Promise<Run> => {
    const made = await start();
    runs.push(made);
    return made;
  };
  return () => {
    run ??= started();
    return run;
  };
}

const engines = [
  { name: 'on Redis', runOnce: onRedis },
  { name: 'on PostgreSQL', runOnce: onPostgres },
];

describe.each(engines)('npm run demo, $name', ({ runOnce }) => {
  let run: Run;
  beforeAll(async () => {
    run = await runOnce();
  });

  it('ends by itself with exit code 0', () => {
    expect(run.exitCode, run.output).toBe(0);
  });

  it('has events of at least three processes in one trace', () => {
    const processes = new Set(run.events.map(({ source }) => source?.split(':')[1]));
    expect(processes.size).toBeGreaterThanOrEqual(3);
    expect(new Set(run.events.map(({ trace_id }) => trace_id))).toEqual(new Set([run.traceId]));
  });

  it('has the same trace and span ids in the journal and over OTLP', () => {
    const exported = run.receiver.spans().map(({ spanId }) => spanId);
    const stored = run.graph.spans.map(({ spanId }) => spanId);
    expect(exported.length).toBeGreaterThan(10);
    expect([...exported].sort()).toEqual([...stored].sort());
  });

  it('is explained alike by the journal and by the spans that went over OTLP', () => {
    const traces = run.receiver.requests().filter(({ signal }) => signal === 'traces');
    const { events, rejected } = fromOtlp(traces.map(({ body }) => body));
    const facts = (graph: TraceGraph): unknown => {
      const { outcome, causes, chain, recovered } = graph.explainFailure();
      return {
        outcome,
        causes: causes.map(({ span, error, job }) => [
          span.spanId,
          error?.message,
          job?.entity?.id,
          job?.attempt,
        ]),
        chain: chain.map(({ spanId, name }) => [spanId, name]),
        recovered: recovered.map(({ by, failures }) => [by.spanId, failures.map(({ spanId }) => spanId)]),
        forms: graph.spans.map(({ spanId, form, state }) => [spanId, form, state].join(' ')).sort(),
      };
    };
    expect(rejected).toEqual([]);
    expect(facts(createTraceGraph(events, { traceId: run.traceId }))).toEqual(facts(run.graph));
  });

  it('tells one story: credit recovered, funding failed, credit was compensated', () => {
    expectTrace(run.events).toHaveOneRoot();
    expectTrace(run.events).toHaveFailed('Insufficient funds');
    expectTrace(run.events).toHaveRetried(1);
    expectTrace(run.events).toCompensate('credit');
  });

  it('keeps one ledger row for each step', () => {
    const rows = run.graph.compensations().map(({ step, status }) => [step.name, status]);
    expect(rows).toEqual([
      ['stage:validate', 'not_needed'],
      ['stage:credit', 'compensated'],
    ]);
  });

  it('stores the decision with its reasoning and confidence', () => {
    const [decision] = run.graph.findByType('ai:decision');
    expect(decision?.data).toMatchObject({
      decision: 'approve',
      reasoning: expect.any(String),
      confidence: expect.any(Number),
    });
  });

  it('says what the marks in the tree mean', () => {
    const [legend] = /^.*✓ completed.*$/m.exec(run.output) ?? [''];
    const tree = run.output.slice(0, run.output.indexOf(legend));
    for (const mark of new Set(tree.match(/[✓✗⊘↻‖…!?→•](?= )/gu))) expect(legend).toContain(`${mark} `);
  });

  it('prints the tree, the why and the ledger', () => {
    expect(run.output).toContain('POST /loan-applications');
    expect(run.output).toMatch(/wait \d+ ms/);
    expect(run.output).toMatch(/failed: (job|task) transfer-funds/);
    expect(run.output).toMatch(/stage:credit +compensated +by compensate:credit/);
  });
});

describe('npm run demo, on Redis', () => {
  let run: Run;
  beforeAll(async () => {
    run = await onRedis();
  });

  it('leaves no span of the saga outside its trace, and links the notice of the day, which has its own', () => {
    const outside = run.receiver.spans().filter(({ traceId }) => traceId !== run.traceId);
    expect(outside.map(({ name }) => name)).toEqual(['process notices']);
    expect(outside[0]?.links.map(({ traceId }) => traceId)).toEqual([run.traceId]);
    expect(run.linked.map(({ event_type }) => event_type)).toEqual(['job:started', 'job:completed']);
  });

  it('reserves the credit after both checks, in one flow', () => {
    const parent = run.receiver.spans({ name: 'send credit' }).find(({ links }) => links.length > 0);
    expect(parent?.links.map(({ attributes }) => attributes['throughline.relation'])).toEqual([
      'waits_for',
      'waits_for',
    ]);
  });

  it('waits for the books of the bank, which is no failure', () => {
    const suspended = run.events.filter(({ event_type }) => event_type === 'job:suspended');
    expect(suspended.map(({ data, status }) => [data?.entity?.name, data?.outcome, status])).toEqual([
      ['transfer-funds', 'delayed', 'pending'],
    ]);
  });

  it('reports the depth of every queue that jobs are added to', () => {
    const depths = run.receiver.metrics({ name: 'throughline.queue.depth' });
    const queues = depths.flatMap(({ points }) =>
      points.map(({ attributes }) => attributes['messaging.destination.name']),
    );
    expect(new Set(queues)).toEqual(new Set(['credit', 'funding', 'notices']));
  });

  it('names the funding job as the cause, below its stage', () => {
    const { causes, chain } = run.graph.explainFailure();
    expect(causes[0]?.span.entity?.name).toBe('transfer-funds');
    expect(chain.map(({ name }) => name)).toContain('stage:funding');
  });
});

describe('npm run demo, on PostgreSQL', () => {
  let run: Run;
  beforeAll(async () => {
    run = await onPostgres();
  });

  it('leaves no span of the saga outside its trace', () => {
    expect(run.receiver.spans().filter(({ traceId }) => traceId !== run.traceId)).toEqual([]);
  });

  it('starts the saga anew after each wait, and does nothing twice', () => {
    const stages = run.graph.spans.filter(({ name }) => name.startsWith('stage:'));
    expect(stages.filter(({ status }) => status === 'success').map(({ name }) => name)).toEqual([
      'stage:validate',
      'stage:credit',
    ]);
    expect(run.events.filter(({ event_type }) => event_type === 'ai:decision')).toHaveLength(1);
  });

  it('checks income and debts beside each other, before the credit', () => {
    const spans = run.receiver.spans();
    const [income, debts, credit] = ['check-income', 'check-debts', 'reserve-credit'].map((task) =>
      spans.find(({ name }) => name === `process ${task}`),
    );
    expect(income?.startTime).toBeLessThan(debts?.endTime ?? 0);
    expect(debts?.startTime).toBeLessThan(income?.endTime ?? 0);
    expect(Math.max(income?.endTime ?? 0, debts?.endTime ?? 0)).toBeLessThan(credit?.startTime ?? 0);
  });

  it('sleeps until the books of the bank are open, which is no failure', () => {
    const asleep = run.events.filter(
      ({ event_type, data }) => event_type === 'task:suspended' && data?.entity?.name === 'transfer-funds',
    );
    expect(asleep.map(({ status }) => status)).toEqual(['pending']);
  });

  it('names the funding task as the cause, below the saga', () => {
    const { causes, chain } = run.graph.explainFailure();
    expect(causes[0]?.error?.type).toBe('InsufficientFundsError');
    expect(chain.map(({ entity, name }) => entity?.name ?? name)).toEqual(
      expect.arrayContaining(['POST /loan-applications', 'apply', 'transfer-funds']),
    );
  });
});

describe('npm run demo, where no Redis can be had', () => {
  it('runs on PostgreSQL, and says so in one line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'throughline-demo-'));
    const demo = spawnNode(DEMO, ['--store', folder], { env: { REDIS_URL: '', PATH: '' } });
    expect((await demo.exited).code, demo.errorLines.join('\n')).toBe(0);
    await rm(folder, { recursive: true, force: true });
    expect(demo.lines.filter((line) => line.includes('no Redis can be had'))).toHaveLength(1);
    expect(demo.lines.join('\n')).toContain('ran       pgconductor on PostgreSQL');
  }, 60_000);
});

describe('npm run demo -- --amount', () => {
  it('tells of a loan that is paid when the bank has the money', async () => {
    const run = await runDemo('--amount', '40000');
    expect(run.exitCode, run.output).toBe(0);
    expectTrace(run.events).toHaveSucceeded();
    expect(run.graph.compensations().map(({ status }) => status)).toEqual(
      Array.from({ length: 3 }, () => 'not_needed'),
    );
    await run.end();
  });
});

describe('a process of the saga whose demo goes away', () => {
  it.each(['at once', 'while it waits for Redis'])('ends, too: %s', async (moment) => {
    const muteRedis = createServer().listen(0, '127.0.0.1');
    await once(muteRedis, 'listening');
    const folder = await mkdtemp(join(tmpdir(), 'throughline-demo-'));
    const worker = fork(new URL('processes/credit-worker.js', DEMO), {
      env: {
        ...process.env,
        REDIS_URL: `redis://127.0.0.1:${(muteRedis.address() as AddressInfo).port}`,
        LOAN_SAGA_PREFIX: 'demo',
        THROUGHLINE_STORE: folder,
      },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    if (moment !== 'at once') await once(muteRedis, 'connection');
    const exited = once(worker, 'exit', { signal: AbortSignal.timeout(4_000) });
    worker.disconnect();
    await expect(exited.finally(() => worker.kill('SIGKILL'))).resolves.toEqual([1, null]);
    muteRedis.close();
    await rm(folder, { recursive: true, force: true });
  });
});

describe('npm run demo, when something is wrong', () => {
  it.each([
    ['nonsense', 'it is no http:// or https:// address'],
    ['http://127.0.0.1:9', 'it does not answer'],
  ])('says in one line that no spans can be sent to %s, and exits 2', async (endpoint, reason) => {
    const folder = await mkdtemp(join(tmpdir(), 'throughline-demo-'));
    const demo = spawnNode(DEMO, ['--otlp', endpoint, '--store', folder]);
    expect((await demo.exited).code).toBe(2);
    await rm(folder, { recursive: true, force: true });
    const said = demo.errorLines.filter((line) => line !== '');
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(reason);
  });

  it('says in one line what to set when there is no Redis, and exits 2', async () => {
    const demo = spawnNode(DEMO, [], { env: { REDIS_URL: 'redis://127.0.0.1:1' } });
    expect((await demo.exited).code).toBe(2);
    const said = demo.errorLines.filter((line) => line !== '');
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('REDIS_URL');
  });

  it('says in one line what is wrong with the store, before anything is started', async () => {
    const demo = spawnNode(DEMO, ['--store', fileURLToPath(new URL('..', DEMO))], {
      env: { REDIS_URL: inject('redisUrl') },
    });
    expect((await demo.exited).code).toBe(1);
    const said = demo.errorLines.filter((line) => line !== '');
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('is not a journal');
  });

  it('shows no password of a Redis or an endpoint', async () => {
    const { hostname, port } = new URL(inject('redisUrl'));
    const receiver = await startOtlpReceiver();
    const otlp = receiver.url.replace('://', '://ann:canary@');
    const folder = await mkdtemp(join(tmpdir(), 'throughline-demo-'));
    const demo = spawnNode(DEMO, ['--otlp', otlp, '--store', folder], {
      env: { REDIS_URL: `redis://default:canary@${hostname}:${port}` },
    });
    await demo.exited;
    await receiver.stop();
    await rm(folder, { recursive: true, force: true });
    expect([...demo.lines, ...demo.errorLines].join('\n')).not.toContain('canary');
  });

  it.each([
    ['--amount', 'much'],
    ['--postgrse', ''],
    ['postgres', ''],
  ])('explains %s %s, shows the options, and exits 2', async (...args) => {
    const demo = spawnNode(DEMO, args);
    expect((await demo.exited).code).toBe(2);
    const [problem = '', ...usage] = demo.errorLines;
    expect(problem).toMatch(new RegExp(`${args[0]}.*\\. These are the options:$`));
    expect(usage.join('\n')).toMatch(/Usage: npm run demo[\s\S]*--postgres /);
  });
});
