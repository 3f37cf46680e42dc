// biome-ignore-all lint/complexity/noThisInStatic: the host reads its classes from `this`, which `super` keeps
import {
  getSharedConfigToken,
  type BullRootModuleOptions as HostRootOptions,
  BullModule as NestBullModule,
  type RegisterQueueAsyncOptions,
  type RegisterQueueOptions,
  type SharedBullAsyncConfiguration,
} from '@nestjs/bullmq';
import type { DynamicModule, FactoryProvider, Type } from '@nestjs/common';
import type { QueueOptions as HostQueueOptions } from 'bullmq';
import { Worker } from '../consuming/worker.ts';
import { FlowProducer } from '../producing/flow-producer.ts';
import { Queue } from '../producing/queue.ts';
import { type ReadOptions, resolveOptions, type WithTelemetry } from '../settings/telemetry-option.ts';
import { TelemetryFlush } from './telemetry-flush.ts';
import { withTracedProcessors } from './traced-processors.ts';

/** What `BullModule.forRoot` of `@nestjs/bullmq` takes, with a `telemetry` that may be one of Throughline. */
export type RootOptions = WithTelemetry<HostRootOptions>;

/** What `BullModule.forRootAsync` of `@nestjs/bullmq` takes; what it makes may have a `telemetry` of Throughline. */
export type RootAsyncOptions = Omit<
  SharedBullAsyncConfiguration,
  'useExisting' | 'useClass' | 'useFactory'
> & {
  readonly useExisting?: Type<RootOptionsFactory> | undefined;
  readonly useClass?: Type<RootOptionsFactory> | undefined;
  readonly useFactory?: // biome-ignore lint/suspicious/noExplicitAny: what is injected, as in @nestjs/bullmq
  ((...injected: any[]) => RootOptions | Promise<RootOptions>) | undefined;
};

/** A provider that makes the options of `forRootAsync`. */
export interface RootOptionsFactory {
  createSharedConfiguration(): RootOptions | Promise<RootOptions>;
}

/**
 * `BullModule` of `@nestjs/bullmq`, traced: import it from here and give `forRoot` one more option, `telemetry`.
 *
 * Queues, flow producers, and the workers behind `@Processor` classes and `processors` then are the drop-in classes of
 * this package. Everything else is that of `@nestjs/bullmq`: decorators, tokens, named configurations, life cycle. On
 * shutdown workers are closed, and pending telemetry is flushed.
 *
 * The telemetry travels in the options of the configuration, so that each application in a process has its own. One
 * thing is shared by all of them, because `@nestjs/bullmq` keeps it in a static property: `forRoot` sets its worker class
 * to the drop-in `Worker`, which is BullMQ's own where no telemetry is given. A `workerClass` that you set yourself is
 * kept.
 *
 * @example
 * ```ts
 * import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
 * import { Controller, Module, Post } from '@nestjs/common';
 * import { BullModule } from '@throughline/bullmq/nestjs';
 * import { createOtelTelemetry } from '@throughline/otel';
 * import type { Job, Queue } from 'bullmq';
 *
 * @Controller('orders')
 * class OrdersController {
 *   constructor(@InjectQueue('orders') private readonly orders: Queue) {}
 *
 *   @Post()
 *   async place(): Promise<void> {
 *     await this.orders.add('place', { total: 12 });
 *   }
 * }
 *
 * @Processor('orders')
 * class OrdersProcessor extends WorkerHost {
 *   async process(job: Job): Promise<void> {
 *     console.log('placing', job.id);
 *   }
 * }
 *
 * @Module({
 *   imports: [
 *     BullModule.forRoot({
 *       connection: { host: '127.0.0.1', port: 6379 },
 *       telemetry: createOtelTelemetry(),
 *     }),
 *     BullModule.registerQueue({ name: 'orders' }),
 *   ],
 *   controllers: [OrdersController],
 *   providers: [OrdersProcessor],
 * })
 * export class AppModule {}
 * ```
 * @see {@link https://docs.nestjs.com/techniques/queues | NestJS: Queues}
 */
export class BullModule extends NestBullModule {
  static {
    // Through the inherited setters: these two are properties of this class then, and the host's stay as they are.
    BullModule.queueClass = Queue;
    BullModule.flowProducerClass = FlowProducer;
  }

  /**
   * As in `@nestjs/bullmq`, with `telemetry`.
   *
   * @param config the configuration of all queues that name none
   * @throws TelemetryInvalidError when `telemetry` is not an object
   */
  static override forRoot(config: RootOptions): DynamicModule;
  /**
   * As in `@nestjs/bullmq`, with `telemetry`.
   *
   * @param configKey the name by which queues choose this configuration
   * @throws TelemetryInvalidError when `telemetry` is not an object
   */
  static override forRoot(configKey: string, config: RootOptions): DynamicModule;
  static override forRoot(...args: [RootOptions] | [string, RootOptions]): DynamicModule {
    useDropInWorker();
    const [key, config] = args.length === 1 ? [undefined, args[0]] : args;
    const traced = hostOptions(config);
    const root = key === undefined ? super.forRoot(traced) : super.forRoot(key, traced);
    return withFlush(root, key);
  }

  /**
   * As in `@nestjs/bullmq`, with `telemetry` in what the factory makes.
   *
   * @param config makes the configuration of all queues that name none
   */
  static override forRootAsync(config: RootAsyncOptions): DynamicModule;
  /**
   * As in `@nestjs/bullmq`, with `telemetry` in what the factory makes.
   *
   * @param configKey the name by which queues choose this configuration
   */
  static override forRootAsync(configKey: string, config: RootAsyncOptions): DynamicModule;
  static override forRootAsync(...args: [RootAsyncOptions] | [string, RootAsyncOptions]): DynamicModule {
    useDropInWorker();
    const [key, config] = args.length === 1 ? [undefined, args[0]] : args;
    const traced = asyncHostOptions(config);
    const root = key === undefined ? super.forRootAsync(traced) : super.forRootAsync(key, traced);
    return withFlush(root, key);
  }

  /** As in `@nestjs/bullmq`; `processors` are traced. */
  static override registerQueue(...options: WithTelemetry<RegisterQueueOptions>[]): DynamicModule {
    return withTracedProcessors(super.registerQueue(...(options as RegisterQueueOptions[])));
  }

  /** As in `@nestjs/bullmq`; `processors` are traced. */
  static override registerQueueAsync(...options: RegisterQueueAsyncOptions[]): DynamicModule {
    return withTracedProcessors(super.registerQueueAsync(...options));
  }
}

/** Not compared with BullMQ's `Worker`: an application may have two copies of BullMQ. */
const hostWorkerClass = workerClassOf(NestBullModule);

/** Unless the application chose a class: that one keeps its place, and is traced through BullMQ's `telemetry` option. */
function useDropInWorker(): void {
  if (workerClassOf(BullModule) === hostWorkerClass) BullModule.workerClass = Worker;
}

function workerClassOf(module: typeof NestBullModule): unknown {
  return (module as unknown as { readonly _workerClass?: unknown })._workerClass;
}

/** With a `telemetry` in BullMQ's shape, for classes that are not ours. */
function hostOptions<Options extends ReadOptions>(options: Options): HostQueueOptions {
  return resolveOptions(options).opts as HostQueueOptions;
}

/** The three ways of `@nestjs/bullmq` to make options, as the first one that is given: a factory. */
function asyncHostOptions(config: RootAsyncOptions): SharedBullAsyncConfiguration {
  const { useFactory, useExisting, useClass, inject, extraProviders = [], ...rest } = config;
  const maker = useExisting ?? useClass;
  const make: NonNullable<RootAsyncOptions['useFactory']> =
    useFactory ?? ((options: RootOptionsFactory) => options.createSharedConfiguration());
  return {
    ...rest,
    useFactory: async (...injected) => hostOptions(await make(...injected)),
    inject: useFactory ? (inject ?? []) : maker ? [maker] : [],
    extraProviders:
      useFactory || maker === undefined || useExisting ? extraProviders : [...extraProviders, maker],
  };
}

function withFlush(root: DynamicModule, configKey: string | undefined): DynamicModule {
  const flush: FactoryProvider = {
    provide: TelemetryFlush,
    useFactory: (config: RootOptions) => new TelemetryFlush(resolveOptions(config).telemetry),
    inject: [getSharedConfigToken(configKey)],
  };
  return { ...root, providers: [...(root.providers ?? []), flush] };
}
