import {
  type Carrier,
  type JsonValue,
  readCarrier,
  resolveTelemetry,
  type SpanLink,
  type SpanOptions,
  type SpanOutcome,
  type Telemetry,
  type TraceContext,
  traced,
  type WorkEntity,
} from '@throughline/core';
import type { JobAdapterUnderTest, JobProcessor, JobSettlement, SentJob } from '../../src/index.ts';
import { MemoryQueue, type QueuedJob } from './memory-queue.ts';

/** As much of a job as names it. */
export interface NamedJob {
  readonly name: string;
  readonly id: string;
  readonly attempts: number;
  readonly attempt?: number | undefined;
}

/** A sound adapter for a queue in memory. What is protected is where saboteurs go wrong. */
export class MemoryQueueAdapter implements JobAdapterUnderTest {
  protected readonly queue: MemoryQueue = new MemoryQueue();
  protected readonly telemetry: Telemetry;
  readonly #starts = new Map<string, TraceContext>();

  constructor(telemetry: Telemetry | undefined) {
    this.telemetry = this.resolve(telemetry);
  }

  send({ name, data, attempts }: SentJob): Promise<string> {
    const options = this.sendOptions(this.entity({ name, id: '', attempts }));
    return traced(
      this.telemetry,
      'send mail',
      async (span) => {
        const id = await this.queue.add(
          name,
          this.payload(data, span.context),
          attempts,
          this.carrier(span.context),
        );
        span.identify(this.entity({ name, id, attempts }));
        return id;
      },
      options,
    );
  }

  process(processor: JobProcessor): void {
    this.queue.process((job) =>
      traced(
        this.telemetry,
        'process mail',
        (span) => {
          this.#starts.set(job.id, span.context);
          return this.run(job, processor);
        },
        this.startOptions(job),
      ),
    );
  }

  settled(id: string): Promise<JobSettlement> {
    return this.queue.settled(id);
  }

  sendBare({ name, data, attempts }: SentJob, carrier: string | undefined): Promise<string> {
    return this.queue.add(name, data, attempts, carrier);
  }

  sendRefused(): Promise<unknown> {
    return this.send({ name: '', data: null, attempts: 1 });
  }

  async close(): Promise<void> {}

  protected resolve(telemetry: Telemetry | undefined): Telemetry {
    return resolveTelemetry(telemetry, { report: () => {} });
  }

  protected entity({ name, id, attempts, attempt }: NamedJob): WorkEntity {
    return { system: 'memory', queue: 'mail', name, id, attempt, maxAttempts: attempts };
  }

  protected sendOptions(entity: WorkEntity): SpanOptions {
    return { kind: 'producer', subject: 'job', entity };
  }

  protected payload(data: JsonValue, _context: TraceContext): JsonValue {
    return data;
  }

  protected carrier(context: TraceContext): string {
    const carrier: Carrier = {};
    this.telemetry.propagation.inject(context, carrier);
    return JSON.stringify(carrier);
  }

  protected startOptions(job: QueuedJob): SpanOptions & { outcomeOf: (error: unknown) => SpanOutcome } {
    return {
      kind: 'consumer',
      subject: 'job',
      parent: (this.wantsLink(job) ? undefined : this.parent(job)) ?? null,
      links: this.links(job),
      entity: this.entity(job),
      outcomeOf: () => this.outcome(job),
    };
  }

  protected parent(job: QueuedJob): TraceContext | undefined {
    return this.telemetry.propagation.extract(job.carrier);
  }

  protected wantsLink(job: QueuedJob): boolean {
    const reading = readCarrier(job.carrier);
    return reading.context !== undefined && reading.relation === 'link';
  }

  protected links(job: QueuedJob): readonly SpanLink[] {
    const origin = this.wantsLink(job) ? this.parent(job) : undefined;
    const before = this.#starts.get(job.id);
    return [
      ...(origin ? [{ context: origin, relation: 'produced_by' as const }] : []),
      ...(before ? [{ context: before, relation: 'retry_of' as const }] : []),
    ];
  }

  protected outcome(job: QueuedJob): SpanOutcome {
    return job.attempt < job.attempts ? 'retry' : 'error';
  }

  protected run(job: QueuedJob, processor: JobProcessor): Promise<JsonValue> {
    return processor({ id: job.id, data: job.data });
  }
}
