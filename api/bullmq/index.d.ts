// The public shape of @throughline/bullmq. Written by `pnpm api:update`, compared by `pnpm check`.

interface BullmqTelemetryOptions {
    readonly prefix?: string | undefined;
    readonly internalSpans?: boolean | undefined;
}

class FlowProducer extends FlowProducer$1 {
    #private;
    constructor(opts?: FlowProducerOptions, backend?: unknown);
    add(flow: FlowJob, opts?: FlowOpts): Promise<JobNode>;
    addBulk(flows: FlowJob[]): Promise<JobNode[]>;
}

type FlowProducerOptions = WithTelemetry<QueueBaseOptions> & {
    readonly prefix?: string | undefined;
};

interface JobProcessed {
    readonly attributes: Attributes;
    readonly durationSeconds: number;
    readonly waitSeconds: number | undefined;
}

interface JobTelemetryOptions {
    readonly metadata?: string | undefined;
    readonly omitContext?: boolean | undefined;
}

interface JobsSent {
    readonly attributes: Attributes;
    readonly count: number;
    readonly durationSeconds: number | undefined;
}

interface ObservableWorker {
    readonly id: string;
    readonly name: string;
    readonly qualifiedName: string;
    readonly opts: {
        readonly name?: string | undefined;
        readonly telemetry?: unknown;
    };
    on(event: ObservedEvent, listener: (...args: never[]) => void): unknown;
    off(event: ObservedEvent, listener: (...args: never[]) => void): unknown;
}

class Queue<DataTypeOrJob = any, ResultType = any, NameType extends string = string> extends Queue$1<DataTypeOrJob, ResultType, NameType> {
    #private;
    constructor(name: string, opts?: QueueOptions, backend?: unknown);
    protected addJob(...[name, data, opts]: Parameters<Queue$1<DataTypeOrJob, ResultType, NameType>['add']>): ReturnType<Queue$1<DataTypeOrJob, ResultType, NameType>['add']>;
    addBulk(jobs: Parameters<Queue$1<DataTypeOrJob, ResultType, NameType>['addBulk']>[0]): ReturnType<Queue$1<DataTypeOrJob, ResultType, NameType>['addBulk']>;
    trace<T>(kind: SpanKind, operation: string, destination: string, callback: (span?: Span, metadata?: string) => Promise<T> | T, metadata?: string): Promise<T | Promise<T>>;
}

// QueueEvents is another package's

type QueueOptions = WithTelemetry<QueueOptions$1>;

type TelemetryOption = Partial<Telemetry> | Telemetry$1;

type TelemetrySource = Partial<Telemetry> | Telemetry$1 | undefined;

interface TraceableJob {
    readonly opts?: {
        readonly telemetry?: JobTelemetryOptions | undefined;
    } | undefined;
}

type WithTelemetry<Options> = Omit<Options, 'telemetry'> & {
    readonly telemetry?: TelemetryOption | undefined;
};

class Worker<DataType = any, ResultType = any, NameType extends string = string> extends Worker$1<DataType, ResultType, NameType> {
    #private;
    constructor(name: string, processor?: string | URL | null | Processor<DataType, ResultType, NameType>, opts?: WorkerOptions, backend?: unknown);
    run(): Promise<void>;
    processJob(job: Job<DataType, ResultType, NameType>, token: string, fetchNextCallback?: () => boolean): ReturnType<Worker$1<DataType, ResultType, NameType>['processJob']>;
    protected callProcessJob(job: Job<DataType, ResultType, NameType>, token: string, signal?: AbortSignal): Promise<ResultType>;
    protected handleFailed(error: Error, job: Job<DataType, ResultType, NameType>, token: string, fetchNextCallback?: () => boolean, span?: Span): Promise<Job<DataType, ResultType, NameType>>;
    emit<Event extends keyof WorkerListener<DataType, ResultType, NameType>>(event: Event, ...args: Parameters<WorkerListener<DataType, ResultType, NameType>[Event]>): boolean;
    trace<T>(kind: SpanKind, operation: string, destination: string, callback: (span?: Span, metadata?: string) => Promise<T> | T, metadata?: string): Promise<T | Promise<T>>;
    close(force?: boolean): Promise<void>;
}

type WorkerOptions = WithTelemetry<WorkerOptions$1>;

function bullmqCarrier(context: TraceContext): {
    metadata: string;
};

function bullmqTelemetry(telemetry: TelemetrySource, { prefix, internalSpans }?: BullmqTelemetryOptions): Telemetry$1;

function currentJobTrace(job: TraceableJob): TraceContext | undefined;

const jobProcessed: TelemetryEventKind<JobProcessed>;

const jobsSent: TelemetryEventKind<JobsSent>;

function observeWorker(worker: ObservableWorker, telemetry: TelemetrySource): () => void;

function wrapProcessor<Processor extends (...args: never[]) => unknown>(processor: Processor, telemetry: TelemetrySource): Processor;

// used above, exported by no one here

type ObservedEvent = 'active' | 'completed' | 'failed' | 'closed';
