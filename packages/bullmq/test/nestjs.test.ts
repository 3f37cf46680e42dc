import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import {
  getFlowProducerToken,
  getQueueToken,
  BullModule as HostBullModule,
  Processor,
  WorkerHost,
} from '@nestjs/bullmq';
import { type INestApplication, Injectable, Module, type ModuleMetadata, Scope } from '@nestjs/common';
import type { Telemetry } from '@throughline/core';
import { traced } from '@throughline/core';
import type { RecordedSpan, RecordingTelemetry } from '@throughline/core/testing';
import { waitFor } from '@throughline/testkit';
import * as host from 'bullmq';
import { describe, expect, it } from 'vitest';
import { bullmqTelemetry, FlowProducer, Queue, Worker } from '../src/index.ts';
import { BullModule, type RootOptions } from '../src/nestjs/index.ts';
import { ambientRecording, endedSpan, type JobWorld, openJobWorld } from './support/job-world.ts';
import { ordersParts, post, startNest, tracedRoot } from './support/nest-orders.ts';

const [orders, invoices, flows] = [{ name: 'orders' }, { name: 'invoices' }, { name: 'flows' }];

/** The whole application, with the `BullModule` that is given. */
function ordersApp(telemetry: Telemetry, root: ReturnType<typeof BullModule.forRoot>, module = BullModule) {
  const { completed, controllers, providers } = ordersParts();
  const imports = [root, module.registerQueue(orders, invoices), module.registerFlowProducer(flows)];
  const started = startNest(
    tracedRoot(telemetry, { imports, controllers: [...controllers], providers: [...providers] }),
  );
  return { completed, started };
}

function rootOptions({ connection, prefix }: JobWorld, telemetry?: RootOptions['telemetry']): RootOptions {
  return { connection, prefix, telemetry };
}

async function startModule(metadata: ModuleMetadata): Promise<INestApplication> {
  @Module(metadata)
  class Root {}
  return startNest(Root);
}

/** A processor of orders with a span of its own inside. */
function processorWithSpan(telemetry: Telemetry) {
  @Processor('orders')
  class Orders extends WorkerHost {
    async process(): Promise<void> {
      traced(telemetry, 'charge card', () => {});
    }
  }
  return Orders;
}

async function parentOf(telemetry: RecordingTelemetry, name: string): Promise<RecordedSpan | undefined> {
  const { parent } = await endedSpan(telemetry, name);
  return telemetry.spans.find((span) => span.context.spanId === parent?.spanId);
}

describe('BullModule', () => {
  it('makes one trace of a request, its job and the job that this one adds', async () => {
    const telemetry = ambientRecording();
    const { started } = ordersApp(telemetry, BullModule.forRoot(rootOptions(openJobWorld(), telemetry)));

    await post(await started, '/orders');

    await endedSpan(telemetry, 'process invoices');
    await endedSpan(telemetry, 'process orders');
    const names = new Map(telemetry.spans.map((span) => [span.context.spanId, span.name]));
    expect(telemetry.spans.map((span) => [names.get(span.parent?.spanId ?? ''), span.name])).toEqual([
      [undefined, 'POST /orders'],
      ['POST /orders', 'send orders'],
      ['send orders', 'process orders'],
      ['process orders', 'send invoices'],
      ['send invoices', 'process invoices'],
    ]);
  });

  it('makes one trace of a request and its flow', async () => {
    const telemetry = ambientRecording();
    const { started } = ordersApp(telemetry, BullModule.forRoot(rootOptions(openJobWorld(), telemetry)));

    await post(await started, '/parcels');

    await endedSpan(telemetry, 'process orders');
    await endedSpan(telemetry, 'process invoices');
    expect(new Set(telemetry.spans.map((span) => span.context.traceId)).size).toBe(1);
  });

  it('injects the drop-in classes', async () => {
    const telemetry = ambientRecording();
    const { started } = ordersApp(telemetry, BullModule.forRoot(rootOptions(openJobWorld(), telemetry)));

    const app = await started;

    expect(app.get(getQueueToken('orders'))).toBeInstanceOf(Queue);
    expect(app.get(getFlowProducerToken('flows'))).toBeInstanceOf(FlowProducer);
  });

  it('leaves worker events as they are', async () => {
    const telemetry = ambientRecording();
    const { started, completed } = ordersApp(
      telemetry,
      BullModule.forRoot(rootOptions(openJobWorld(), telemetry)),
    );

    await post(await started, '/orders');

    await endedSpan(telemetry, 'process orders');
    expect(completed).toEqual(['place']);
  });

  it('keeps the span active in processors that are made for each job', async () => {
    const telemetry = ambientRecording();
    const PerJob = processorWithSpan(telemetry);
    Injectable({ scope: Scope.REQUEST })(PerJob);
    const app = await startModule({
      imports: [BullModule.forRoot(rootOptions(openJobWorld(), telemetry)), BullModule.registerQueue(orders)],
      providers: [PerJob],
    });

    await app.get(getQueueToken('orders')).add('place', {});

    expect((await parentOf(telemetry, 'charge card'))?.name).toBe('process orders');
  });

  it('gives each named configuration its telemetry', async () => {
    const [world, other] = [openJobWorld(), openJobWorld()];
    const [first, second] = [ambientRecording(), ambientRecording()];
    const app = await startModule({
      imports: [
        BullModule.forRoot(rootOptions(world, first)),
        BullModule.forRoot('other', rootOptions(other, second)),
        BullModule.registerQueue(orders, { name: 'invoices', configKey: 'other' }),
      ],
      providers: [...ordersParts().providers],
    });

    await app.get(getQueueToken('orders')).add('place', {});

    await endedSpan(second, 'process invoices');
    await endedSpan(first, 'process orders');
    expect(first.spans.map((span) => span.name)).toEqual(['send orders', 'process orders']);
    expect(second.spans.map((span) => span.name)).toEqual(['send invoices', 'process invoices']);
  });

  it('takes what bullmqTelemetry made, with its settings', async () => {
    const telemetry = ambientRecording();
    const given = bullmqTelemetry(telemetry, { internalSpans: true });
    const app = await startModule({
      imports: [BullModule.forRoot(rootOptions(openJobWorld(), given)), BullModule.registerQueue(orders)],
      providers: [processorWithSpan(telemetry)],
    });

    await app.get(getQueueToken('orders')).add('place', {});

    expect((await endedSpan(telemetry, 'complete orders')).kind).toBe('internal');
  });

  it('refuses what is no telemetry', () => {
    const telemetry = 'console' as unknown as Telemetry;

    expect(() => BullModule.forRoot({ connection: {}, telemetry })).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_TELEMETRY_INVALID' }),
    );
  });

  it('keeps a worker class that the application chose, and still makes one trace', async () => {
    const telemetry = ambientRecording();
    class OwnWorker extends host.Worker {}
    const Orders = processorWithSpan(telemetry);
    BullModule.workerClass = OwnWorker;
    try {
      const app = await startModule({
        imports: [
          BullModule.forRoot(rootOptions(openJobWorld(), telemetry)),
          BullModule.registerQueue(orders),
        ],
        providers: [Orders],
      });

      await app.get(getQueueToken('orders')).add('place', {});

      expect(app.get(Orders).worker).toBeInstanceOf(OwnWorker);
      expect((await parentOf(telemetry, 'process orders'))?.name).toBe('send orders');
    } finally {
      BullModule.workerClass = Worker;
    }
  });
});

describe('BullModule.forRootAsync', () => {
  it.each([['useFactory'], ['useClass'], ['useExisting']] as const)('traces with %s', async (way) => {
    const telemetry = ambientRecording();
    const options = rootOptions(openJobWorld(), telemetry);
    @Injectable()
    class Settings {
      createSharedConfiguration(): RootOptions {
        return options;
      }
    }
    @Module({ providers: [Settings], exports: [Settings] })
    class SettingsModule {}
    const ways = {
      useFactory: {
        imports: [SettingsModule],
        inject: [Settings],
        useFactory: async (settings: Settings) => settings.createSharedConfiguration(),
      },
      useClass: { useClass: Settings },
      useExisting: { imports: [SettingsModule], useExisting: Settings },
    };
    const { started } = ordersApp(telemetry, BullModule.forRootAsync(ways[way]));

    await post(await started, '/orders');

    expect((await parentOf(telemetry, 'process invoices'))?.name).toBe('send invoices');
  });

  it('traces a named configuration', async () => {
    const telemetry = ambientRecording();
    const options = rootOptions(openJobWorld(), telemetry);
    const app = await startModule({
      imports: [
        BullModule.forRootAsync('shop', { useFactory: () => options }),
        BullModule.registerQueueAsync({ name: 'orders', configKey: 'shop', useFactory: () => ({}) }),
      ],
      providers: [processorWithSpan(telemetry)],
    });

    await app.get(getQueueToken('orders')).add('place', {});

    expect((await parentOf(telemetry, 'process orders'))?.name).toBe('send orders');
  });
});

describe('the option `processors`', () => {
  const file = fileURLToPath(new URL('fixtures/sandboxed-mail.cjs', import.meta.url));

  it.each([
    ['a function', async () => {}],
    ['a file', file],
    ['a function with options', { callback: async () => {}, concurrency: 2 }],
    ['a file with options', { path: file, concurrency: 2 }],
  ])('is traced: %s', async (_, processor) => {
    const telemetry = ambientRecording();
    const app = await startModule({
      imports: [
        BullModule.forRoot(rootOptions(openJobWorld(), telemetry)),
        BullModule.registerQueue({ name: 'orders', processors: [processor] }),
      ],
    });

    await app.get(getQueueToken('orders')).add('place', {});

    expect((await parentOf(telemetry, 'process orders'))?.name).toBe('send orders');
  });
});

describe('modules that import from @nestjs/bullmq', () => {
  it('are traced when the root is ours', async () => {
    const telemetry = ambientRecording();
    const root = BullModule.forRoot(rootOptions(openJobWorld(), telemetry));
    const { started } = ordersApp(telemetry, root, HostBullModule as typeof BullModule);

    await post(await started, '/orders');

    await endedSpan(telemetry, 'process invoices');
    expect(new Set(telemetry.spans.map((span) => span.context.traceId)).size).toBe(1);
  });

  it('keep their classes', async () => {
    const world = openJobWorld();
    BullModule.forRoot(rootOptions(world, ambientRecording()));
    const app = await startModule({
      imports: [
        HostBullModule.forRoot({ connection: world.connection, prefix: world.prefix }),
        HostBullModule.registerQueue(orders),
      ],
    });

    expect(app.get(getQueueToken('orders'))).not.toBeInstanceOf(Queue);
  });
});

describe('two applications in one process', () => {
  it('have nothing of each other', async () => {
    const [first, second] = [ambientRecording(), ambientRecording()];
    const start = (telemetry: RecordingTelemetry, given: RootOptions['telemetry']) =>
      ordersApp(telemetry, BullModule.forRoot(rootOptions(openJobWorld(), given)));
    const one = start(first, first);
    const two = start(second, second);
    const untraced = start(ambientRecording(), undefined);

    await Promise.all([post(await one.started, '/orders'), post(await untraced.started, '/orders')]);

    await endedSpan(first, 'process invoices');
    await waitFor(() => untraced.completed.length === 1, {
      what: 'a job of the application without telemetry',
    });
    expect(first.spans).toHaveLength(5);
    expect(second.spans).toHaveLength(0);
    await post(await two.started, '/orders');
    await endedSpan(second, 'process invoices');
    expect(first.spans).toHaveLength(5);
  });
});

describe('an application that shuts down', () => {
  /** How many spans had ended at each flush. */
  function flushesOf(telemetry: RecordingTelemetry): number[] {
    const flushes: number[] = [];
    Object.assign(telemetry, {
      async flush() {
        flushes.push(telemetry.spans.filter((span) => span.endTime !== undefined).length);
        return { complete: true };
      },
    });
    return flushes;
  }

  it('waits for running jobs and flushes what they recorded', async () => {
    const telemetry = ambientRecording();
    const flushes = flushesOf(telemetry);
    let isRunning = false;
    @Processor('orders')
    class Slow extends WorkerHost {
      async process(): Promise<void> {
        isRunning = true;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    const app = await startModule({
      imports: [BullModule.forRoot(rootOptions(openJobWorld(), telemetry)), BullModule.registerQueue(orders)],
      providers: [Slow],
    });
    await app.get(getQueueToken('orders')).add('place', {});
    await waitFor(() => isRunning, { what: 'a running job' });

    await app.close();

    expect(telemetry.find('process orders')?.outcome).toBe('ok');
    expect(flushes.at(-1)).toBe(telemetry.spans.length);
  });

  it('flushes when it only adds jobs', async () => {
    const telemetry = ambientRecording();
    const flushes = flushesOf(telemetry);
    const app = await startModule({
      imports: [BullModule.forRoot(rootOptions(openJobWorld(), telemetry)), BullModule.registerQueue(orders)],
    });
    await app.get(getQueueToken('orders')).add('place', {});

    await app.close();

    expect(flushes).toEqual([1]);
  });
});
