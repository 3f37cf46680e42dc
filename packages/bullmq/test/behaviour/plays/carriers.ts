import { createTraceContext, formatCarrier, traced } from '@throughline/core';
import { startFaultProxy } from '@throughline/testkit';
import type { Play, Plays } from '../situation.ts';

const works = async (): Promise<void> => {};

const carrying =
  (metadata: string): Play =>
  async (stage) => {
    stage.worker(works);
    await stage.world.hostQueue('mail').add('job', {}, { telemetry: { metadata } });
    await stage.ended('process mail');
  };

/** Where a job comes from, and whether it can be told. */
export const carriers: Plays = {
  'It is added inside a request': async (stage) => {
    stage.worker(works);
    await traced(stage.telemetry, 'POST /orders', () => stage.queue().add('job', {}));
    await stage.ended('process mail');
  },
  'It is added by a queue without telemetry: no carrier': async (stage) => {
    stage.worker(works);
    await stage.world.hostQueue('mail').add('job', {});
    await stage.ended('process mail');
  },
  'Another tracer added it: JSON with a `traceparent`': carrying(formatCarrier(createTraceContext())),
  'Another tracer added it: a bare word': carrying('4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1'),
  'Its carrier is broken': carrying('{"traceparent":'),
  'It wants no carrier (`omitContext`)': async (stage) => {
    stage.worker(works);
    await stage.queue().add('job', {}, { telemetry: { omitContext: true } });
    await stage.ended('process mail');
  },
  'Its worker was constructed inside a span': async (stage) => {
    traced(stage.telemetry, 'boot', () => stage.worker(works));
    await stage.world.hostQueue('mail').add('job', {});
    await stage.ended('process mail');
  },
  'Queues of the same name, each with a prefix of its own, have a job of the same id': async (stage) => {
    const prefix = `${stage.world.prefix}:other`;
    await stage.queue().add('job', {});
    await stage.queue('mail', { prefix }).add('job', {});
    stage.worker(works);
    await stage.ended('process mail');
    stage.worker(works, { prefix });
    await stage.ended('process mail', 2);
  },
  'Its options are refused': async (stage) => {
    await stage
      .queue()
      .add('job', {}, { jobId: '0' })
      .catch(() => {});
  },
  'Redis is away when it is added': async (stage) => {
    const { host, port } = stage.world.connection;
    const proxy = await startFaultProxy({ target: `redis://${host}:${port}` });
    const impatient = { enableOfflineQueue: false, retryStrategy: () => 20 };
    const connection = { host: proxy.host, port: proxy.port, ...impatient };
    const queue = stage.queue('mail', { connection });
    await queue.waitUntilReady();
    await proxy.set('refuse');
    await queue.add('job', {}).catch(() => {});
    await proxy.set('pass');
    await stage.until(() => queue.getJobCounts(), 'the connection to be back');
    await queue.close();
    await proxy.stop();
  },
};
