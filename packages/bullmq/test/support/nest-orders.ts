import { InjectFlowProducer, InjectQueue, OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import {
  Controller,
  type INestApplication,
  type MiddlewareConsumer,
  Module,
  type ModuleMetadata,
  type NestModule,
  Post,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Telemetry } from '@throughline/core';
import type { FlowProducer, Job, Queue } from 'bullmq';
import { onTestFinished } from 'vitest';

/** An application as a user of Nest writes it: a request adds an order, whose processor adds an invoice. */
export interface OrdersParts {
  /** Jobs whose completion `@OnWorkerEvent` told of. */
  readonly completed: string[];
  readonly controllers: readonly Type[];
  readonly providers: readonly Type[];
}

/** @param telemetry of the HTTP server, which other libraries trace in real life */
export function ordersParts(): OrdersParts {
  const completed: string[] = [];

  @Controller()
  class OrdersController {
    readonly #orders: Queue;
    readonly #flows: FlowProducer;

    constructor(@InjectQueue('orders') orders: Queue, @InjectFlowProducer('flows') flows: FlowProducer) {
      this.#orders = orders;
      this.#flows = flows;
    }

    @Post('orders')
    async place(): Promise<void> {
      await this.#orders.add('place', {});
    }

    @Post('parcels')
    async ship(): Promise<void> {
      await this.#flows.add({
        name: 'ship',
        queueName: 'orders',
        children: [{ name: 'pack', queueName: 'invoices' }],
      });
    }
  }

  @Processor('orders')
  class OrdersProcessor extends WorkerHost {
    readonly #invoices: Queue;

    constructor(@InjectQueue('invoices') invoices: Queue) {
      super();
      this.#invoices = invoices;
    }

    async process(job: Job): Promise<void> {
      if (job.name === 'place') await this.#invoices.add('create', {});
    }

    @OnWorkerEvent('completed')
    onCompleted(job: Job): void {
      completed.push(job.name);
    }
  }

  @Processor('invoices')
  class InvoicesProcessor extends WorkerHost {
    async process(): Promise<void> {}
  }

  return { completed, controllers: [OrdersController], providers: [OrdersProcessor, InvoicesProcessor] };
}

/** A root module that traces requests, as an HTTP instrumentation does. */
export function tracedRoot(telemetry: Telemetry, metadata: ModuleMetadata): Type {
  @Module(metadata)
  class Root implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(requestSpans(telemetry)).forRoutes('*path');
    }
  }
  return Root;
}

interface Request {
  readonly method: string;
  readonly originalUrl: string;
}

interface Response {
  on(event: 'finish', listener: () => void): unknown;
}

function requestSpans(telemetry: Telemetry) {
  return (request: Request, response: Response, next: () => void): void => {
    const span = telemetry.startSpan(`${request.method} ${request.originalUrl}`, { kind: 'server' });
    response.on('finish', () => span.end());
    span.run(next);
  };
}

/** Starts it without an HTTP server in use; it is closed when the test is over. */
export async function startNest(root: Type): Promise<INestApplication> {
  const app = await NestFactory.create(root, { logger: false });
  onTestFinished(() => app.close());
  return app.init();
}

/** Sends a request to the real server of an application. */
export async function post(app: INestApplication, path: string): Promise<void> {
  await app.listen(0, '127.0.0.1');
  const response = await fetch(`${await app.getUrl()}${path}`, { method: 'POST' });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}
