import type { RegisterQueueOptions } from '@nestjs/bullmq';
import type { DynamicModule, FactoryProvider } from '@nestjs/common';
import { resolveOptions } from '../settings/telemetry-option.ts';

type QueueProcessor = NonNullable<RegisterQueueOptions['processors']>[number];
type ProcessorTelemetry = NonNullable<RegisterQueueOptions['telemetry']>;

/**
 * A module of queues whose option `processors` is traced: `@nestjs/bullmq` gives the workers it makes of them no
 * telemetry. The options are complete when a queue is made and not before, so that is where they are changed.
 *
 * @param queues as `registerQueue` returns it: what it exports are the providers of its queues
 */
export function withTracedProcessors(queues: DynamicModule): DynamicModule {
  const traced = new Map((queues.exports as FactoryProvider[]).map((queue) => [queue, tracing(queue)]));
  const replaced = <Provider>(provider: Provider): Provider =>
    (traced.get(provider as FactoryProvider) as Provider | undefined) ?? provider;
  return {
    ...queues,
    providers: queues.providers?.map(replaced) ?? [],
    exports: queues.exports?.map(replaced) ?? [],
  };
}

function tracing(queue: FactoryProvider): FactoryProvider {
  return { ...queue, useFactory: (options: RegisterQueueOptions) => queue.useFactory(traced(options)) };
}

function traced(options: RegisterQueueOptions): RegisterQueueOptions {
  const resolved = resolveOptions(options).opts as RegisterQueueOptions;
  const { processors, telemetry } = resolved;
  if (processors === undefined || telemetry === undefined) return resolved;
  return { ...resolved, processors: processors.map((processor) => withTelemetry(processor, telemetry)) };
}

function withTelemetry(processor: QueueProcessor, telemetry: ProcessorTelemetry): QueueProcessor {
  if (typeof processor === 'function') return { callback: processor, telemetry };
  if (typeof processor === 'string' || processor instanceof URL) return { path: processor, telemetry };
  return processor.telemetry ? processor : { ...processor, telemetry };
}
