import {
  createTraceContext,
  type JsonValue,
  type SpanLink,
  type SpanOptions,
  type SpanOutcome,
  type Telemetry,
  type TraceContext,
  type WorkEntity,
} from '@throughline/core';
import type { JobProcessor, SentJob } from '../../src/index.ts';
import type { QueuedJob } from '../sound/memory-queue.ts';
import { MemoryQueueAdapter, type NamedJob } from '../sound/memory-queue-adapter.ts';

/** An adapter that is wrong in one way, and the one case that must find it out. */
export interface JobAdapterSaboteur {
  readonly wrong: string;
  readonly fails: string;
  readonly Adapter: new (telemetry: Telemetry | undefined) => MemoryQueueAdapter;
}

type StartOptions = SpanOptions & { outcomeOf: (error: unknown) => SpanOutcome };

export const jobAdapterSaboteurs: readonly JobAdapterSaboteur[] = [
  {
    wrong: 'puts what is sent in a row into one trace',
    fails: '1a',
    Adapter: class extends MemoryQueueAdapter {
      #first: TraceContext | undefined;
      override sendOptions(entity: WorkEntity): SpanOptions {
        const isAlone = this.telemetry.activeContext() === undefined;
        return { ...super.sendOptions(entity), ...(isAlone && this.#first && { parent: this.#first }) };
      }
      override carrier(context: TraceContext): string {
        this.#first ??= context;
        return super.carrier(context);
      }
    },
  },
  {
    wrong: 'makes the producer span a child of one that nobody records',
    fails: '1b',
    Adapter: class extends MemoryQueueAdapter {
      override sendOptions(entity: WorkEntity): SpanOptions {
        const active = this.telemetry.activeContext();
        return {
          ...super.sendOptions(entity),
          ...(active && { parent: createTraceContext({ parent: active }) }),
        };
      }
    },
  },
  {
    wrong: 'carries the context in the payload',
    fails: '2',
    Adapter: class extends MemoryQueueAdapter {
      override payload(data: JsonValue, context: TraceContext): JsonValue {
        return typeof data === 'object' && data !== null && !Array.isArray(data)
          ? { ...data, _trace: context.traceId }
          : data;
      }
    },
  },
  {
    wrong: 'takes the parent of a start for its own',
    fails: '3a',
    Adapter: class extends MemoryQueueAdapter {
      override parent(job: QueuedJob): TraceContext | undefined {
        const parent = super.parent(job);
        return parent && { ...parent, isRemote: undefined };
      }
    },
  },
  {
    wrong: 'starts a trace of its own when a job is tried again',
    fails: '3b',
    Adapter: class extends MemoryQueueAdapter {
      override parent(job: QueuedJob): TraceContext | undefined {
        return job.attempt > 1 ? undefined : super.parent(job);
      }
    },
  },
  {
    wrong: 'takes a failure for final that is followed by a retry',
    fails: '4a',
    Adapter: class extends MemoryQueueAdapter {
      override outcome(job: QueuedJob): SpanOutcome {
        return job.attempt === 2 ? 'error' : super.outcome(job);
      }
    },
  },
  {
    wrong: 'takes the last failure for a retry',
    fails: '4b',
    Adapter: class extends MemoryQueueAdapter {
      override outcome(): SpanOutcome {
        return 'retry';
      }
    },
  },
  {
    wrong: 'wraps errors, and unwraps them for the queue',
    fails: '4c',
    Adapter: class extends MemoryQueueAdapter {
      override run(job: QueuedJob, processor: JobProcessor): Promise<JsonValue> {
        return super.run(job, processor).catch((error: Error) => Promise.reject(new Error(error.message)));
      }
    },
  },
  {
    wrong: 'links every start to the first one',
    fails: '4d',
    Adapter: class extends MemoryQueueAdapter {
      readonly #first = new Map<string, readonly SpanLink[]>();
      override links(job: QueuedJob): readonly SpanLink[] {
        const links = super.links(job);
        if (job.attempt === 2) this.#first.set(job.id, links);
        return this.#first.get(job.id) ?? links;
      }
    },
  },
  {
    wrong: 'names work in another way where it is started',
    fails: '5a',
    Adapter: class extends MemoryQueueAdapter {
      override startOptions(job: QueuedJob): StartOptions {
        return { ...super.startOptions(job), subject: 'task' };
      }
    },
  },
  {
    wrong: 'numbers starts from 0',
    fails: '5b',
    Adapter: class extends MemoryQueueAdapter {
      override entity(job: NamedJob): WorkEntity {
        return super.entity({ ...job, attempt: job.attempt && job.attempt - 1 });
      }
    },
  },
  {
    wrong: 'marks results of retries with their trace',
    fails: '6a',
    Adapter: class extends MemoryQueueAdapter {
      override async run(job: QueuedJob, processor: JobProcessor): Promise<JsonValue> {
        const result = await super.run(job, processor);
        const trace = job.attempt > 1 && this.parent(job)?.traceId;
        return trace && typeof result === 'object' ? { ...result, _trace: trace } : result;
      }
    },
  },
  {
    wrong: 'does not make the span of a start active',
    fails: '6b',
    Adapter: class extends MemoryQueueAdapter {
      override run(job: QueuedJob, processor: JobProcessor): Promise<JsonValue> {
        return this.telemetry.withContext(undefined, () => super.run(job, processor));
      }
    },
  },
  {
    wrong: 'takes the carrier of the job that was sent last for that of every job',
    fails: '7',
    Adapter: class extends MemoryQueueAdapter {
      #carrier = '';
      override carrier(context: TraceContext): string {
        this.#carrier = super.carrier(context);
        return this.#carrier;
      }
      override parent(job: QueuedJob): TraceContext | undefined {
        return super.parent({ ...job, carrier: job.carrier && (this.#carrier || job.carrier) });
      }
    },
  },
  {
    wrong: 'leaves a span open of its own when the processor fails',
    fails: '8',
    Adapter: class extends MemoryQueueAdapter {
      override run(job: QueuedJob, processor: JobProcessor): Promise<JsonValue> {
        return super.run(job, processor).catch((error: unknown) => {
          this.telemetry.startSpan('settle');
          throw error;
        });
      }
    },
  },
  {
    wrong: 'does not start jobs without a carrier',
    fails: '9a',
    Adapter: class extends MemoryQueueAdapter {
      override run(job: QueuedJob, processor: JobProcessor): Promise<JsonValue> {
        if (job.carrier === undefined) throw new TypeError('the job has no carrier');
        return super.run(job, processor);
      }
    },
  },
  {
    wrong: 'fails at a carrier that is not JSON',
    fails: '9b',
    Adapter: class extends MemoryQueueAdapter {
      override run(job: QueuedJob, processor: JobProcessor): Promise<JsonValue> {
        JSON.parse(job.carrier ?? 'null');
        return super.run(job, processor);
      }
    },
  },
  {
    wrong: 'does not read what a carrier asks for',
    fails: '9c',
    Adapter: class extends MemoryQueueAdapter {
      override wantsLink(): boolean {
        return false;
      }
    },
  },
  {
    wrong: 'wraps the error of a send that was refused',
    fails: '10',
    Adapter: class extends MemoryQueueAdapter {
      override send(job: SentJob): Promise<string> {
        return super.send(job).catch((cause: Error) => Promise.reject(new Error(cause.message, { cause })));
      }
    },
  },
  {
    wrong: 'does not run jobs without telemetry more than once',
    fails: '11a',
    Adapter: class extends MemoryQueueAdapter {
      readonly #isOff: boolean;
      constructor(telemetry: Telemetry | undefined) {
        super(telemetry);
        this.#isOff = telemetry === undefined;
      }
      override send(job: SentJob): Promise<string> {
        return super.send(this.#isOff ? { ...job, attempts: 1 } : job);
      }
    },
  },
  {
    wrong: 'calls a telemetry without a guard',
    fails: '11b',
    Adapter: class extends MemoryQueueAdapter {
      override resolve(telemetry: Telemetry | undefined): Telemetry {
        return telemetry ?? super.resolve(telemetry);
      }
    },
  },
];
