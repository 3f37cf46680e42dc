import { extractTraceContext } from '@throughline/core';
import type { RecordingTelemetry } from '@throughline/core/testing';
import { type FaultMode, SeededRandom, spawnNode, startFaultProxy, waitFor } from '@throughline/testkit';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jobShapes, processors } from './support/job-shapes.ts';
import { ambientRecording, type JobWorld, openJobWorld } from './support/job-world.ts';
import { commandsDuring, type RedisCommand } from './support/redis-commands.ts';
import { sameMajor } from './support/same-major.ts';
import { dropIns } from './support/surfaces.ts';

/** The jobs that scripts in Redis write: key and options of each, in order. */
function writtenJobs(commands: readonly RedisCommand[]): readonly { key: string; opts: { tm?: string } }[] {
  return commands.flatMap(({ isFromScript, name, args: [key = '', ...pairs] }) => {
    if (!isFromScript || !/^hm?set$/.test(name)) return [];
    const fields = new Map(
      pairs.flatMap((field, index) => (index % 2 === 0 ? [[field, pairs[index + 1]]] : [])) as [
        string,
        string,
      ][],
    );
    const isJob = ['name', 'data', 'opts', 'timestamp'].every((field) => fields.has(field));
    return isJob ? [{ key, opts: JSON.parse(fields.get('opts') ?? '{}') }] : [];
  });
}

describe('the step that writes a job', () => {
  it.each(jobShapes)('writes its carrier, for $what', async ({ add, processor = 'works', endings }) => {
    const world = openJobWorld();
    const surface = dropIns(ambientRecording());
    const producers = { queue: surface.queue(world, 'mail'), flows: surface.flows(world) };
    await producers.queue.getJobCounts();
    let ended = 0;

    const commands = await commandsDuring(world, async () => {
      await add(producers);
      const worker = surface.worker(world, 'mail', processors[processor], { skipStalledCheck: true });
      const end = (): void => {
        ended += 1;
      };
      worker.on('completed', end).on('failed', end);
      await waitFor(() => ended === endings, { what: 'all jobs' });
      await worker.close();
    });

    const written = writtenJobs(commands);
    const keys = written.map(({ key }) => key);
    expect(written.filter(({ opts }) => extractTraceContext(opts.tm) === undefined)).toEqual([]);
    expect(written.length).toBeGreaterThan(0);
    expect(keys).toEqual([...new Set(keys)]);
  });
});

/** Jobs that a worker has seen, or that are in Redis, without a carrier that somebody has sent. */
class CarrierWatch {
  readonly #world: JobWorld;
  readonly #recording: RecordingTelemetry | undefined;
  readonly strays: string[] = [];
  seen = 0;

  constructor(world: JobWorld, recording?: RecordingTelemetry) {
    this.#world = world;
    this.#recording = recording;
  }

  /** A worker that is not observed: it sees jobs as they are. */
  startWorker(): void {
    this.#world.hostWorker('mail', async ({ name, id, opts }) =>
      this.#look(`${name} ${id}`, opts.telemetry?.metadata),
    );
  }

  async lookAtStored(): Promise<void> {
    const { redis, prefix } = this.#world;
    for (const key of await redis.keys(`${prefix}:mail:*`)) {
      if ((await redis.type(key)) !== 'hash') continue;
      const { name, opts, timestamp } = await redis.hgetall(key);
      if (name && opts && timestamp) this.#look(key, JSON.parse(opts).tm);
    }
  }

  #look(what: string, metadata: unknown): void {
    this.seen += 1;
    const context = extractTraceContext(metadata);
    const isSent = ({ context: sent }: { context: { spanId: string } }): boolean =>
      sent.spanId === context?.spanId;
    if (context === undefined || (this.#recording && !this.#recording.spans.some(isSent)))
      this.strays.push(`${what}: ${metadata}`);
  }
}

type Move = keyof typeof calls | 'start a worker' | FaultMode;

const flow = { name: 'parent', queueName: 'mail', children: [{ name: 'child', queueName: 'mail' }] };
const bulk = Array.from({ length: 3 }, () => ({ name: 'bulk', data: {} }));
const calls = {
  add: ({ queue }: ReturnType<typeof producersBehind>) => queue.add('single', {}),
  addBulk: ({ queue }: ReturnType<typeof producersBehind>) => queue.addBulk(bulk),
  addFlow: ({ flows }: ReturnType<typeof producersBehind>) => flows.add(flow),
  schedule: ({ queue }: ReturnType<typeof producersBehind>) =>
    queue.upsertJobScheduler('often', { every: 20 }),
};

function producersBehind(world: JobWorld, port: number, telemetry: RecordingTelemetry) {
  const connection = { host: '127.0.0.1', port, retryStrategy: () => 5 };
  return {
    queue: world.queue('mail', telemetry, { connection }),
    flows: world.flows(telemetry, { connection }),
  };
}

async function play(moves: readonly Move[]): Promise<void> {
  const world = openJobWorld();
  const { host, port } = world.connection;
  const proxy = await startFaultProxy({ target: `redis://${host}:${port}` });
  const telemetry = ambientRecording();
  const watch = new CarrierWatch(world, telemetry);
  const producers = [1, 2].map(() => producersBehind(world, proxy.port, telemetry));
  await Promise.all(producers.map(({ queue }) => queue.waitUntilReady()));

  // What is cut off may be refused, or be done twice: either way with its carrier.
  const underWay: Promise<unknown>[] = [];
  for (const move of moves) {
    if (move === 'start a worker') watch.startWorker();
    else if (typeof move === 'object') await proxy.set(move);
    else underWay.push(...producers.map((each) => calls[move](each).catch(() => {})));
    await new Promise(setImmediate);
  }
  await proxy.set('pass');
  await Promise.all(underWay);
  watch.startWorker();
  await waitFor(async () => (await world.redis.llen(`${world.prefix}:mail:wait`)) === 0, {
    what: 'all jobs',
  });
  await Promise.all(producers.map(({ queue }) => queue.removeJobScheduler('often')));
  await watch.lookAtStored();
  await Promise.all(producers.flatMap(({ queue, flows }) => [queue.close(), flows.close()]));
  await proxy.stop();

  expect(watch.strays).toEqual([]);
}

const fault: fc.Arbitrary<FaultMode> = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), afterBytes: fc.nat(4_000) }),
  fc.record({ kind: fc.constantFrom('cut-answer' as const, 'reset' as const, 'pass' as const) }),
);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...(Object.keys(calls) as (keyof typeof calls)[])) },
  { weight: 1, arbitrary: fc.constant('start a worker' as const) },
  { weight: 2, arbitrary: fault },
);

describe('no worker sees a job without its carrier', () => {
  it('whatever is added, cut off and worked on in between', async () => {
    const moves = fc.array(move, { minLength: 5, maxLength: 25 });
    await fc.assert(fc.asyncProperty(moves, play), { numRuns: 15 });
  }, 60_000);

  it('whenever its producer is killed', async () => {
    const random = new SeededRandom();
    const world = openJobWorld();
    const watch = new CarrierWatch(world);
    watch.startWorker();
    for (let kill = 0; kill < 4; kill += 1) {
      const args = [world.connection.host, String(world.connection.port), world.prefix];
      const child = spawnNode(new URL('fixtures/busy-producer.mjs', import.meta.url), args, {
        nodeOptions: sameMajor,
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      await child.waitForLine(/^ready/);
      const enough = watch.seen + random.below(400);
      await waitFor(() => watch.seen > enough, { what: 'jobs of this producer' });
      await child.kill('SIGKILL');
    }
    await watch.lookAtStored();

    expect(watch.strays, `seed ${random.seed}`).toEqual([]);
  }, 60_000);
});
