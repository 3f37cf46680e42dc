// The public shape of @throughline/bullmq. Written by `pnpm api:update`, compared by `pnpm check`.

interface BullmqCarrierOptions {
    readonly relation?: Relation | undefined;
}

interface BullmqTelemetryOptions {
    readonly prefix?: string | undefined;
    readonly internalSpans?: boolean | undefined;
    readonly relation?: RelationSetting | undefined;
    readonly bulkThreshold?: number | undefined;
    readonly delayThresholdMs?: number | undefined;
    readonly names?: 'throughline' | 'bullmq-otel' | undefined;
    readonly capture?: CaptureOptions | undefined;
}

type Capture<Value> = readonly string[] | ((value: Value) => JsonObject | undefined);

interface CaptureOptions {
    readonly data?: Capture<any> | undefined;
    readonly result?: Capture<any> | undefined;
    readonly errorMessages?: boolean | undefined;
}

interface DoctorFinding {
    readonly code: string;
    readonly level: 'error' | 'warning' | 'info';
    readonly about: string;
    readonly message: string;
    readonly fix: string;
}

interface DoctorOptions {
    readonly queue?: Examinable | undefined;
    readonly worker?: Examinable | undefined;
    readonly flowProducer?: Examinable | undefined;
    readonly telemetry?: TelemetrySource;
    readonly ask?: readonly (() => readonly DoctorFinding[])[] | undefined;
    readonly timeoutMs?: number | undefined;
}

interface DoctorReport {
    readonly healthy: boolean;
    readonly findings: readonly DoctorFinding[];
    readonly bullmqVersion?: string | undefined;
}

interface Examinable extends ClientOwner {
    readonly name?: string | undefined;
    readonly qualifiedName?: string | undefined;
    readonly opts: {
        readonly telemetry?: unknown;
    };
    readonly closing?: unknown;
}

interface FetchedJob {
    readonly id?: string | undefined;
    readonly name: string;
    readonly queueName: string;
    readonly queueQualifiedName: string;
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

interface JobOccurrence {
    readonly attributes: Attributes;
}

interface JobProcessed {
    readonly attributes: Attributes;
    readonly durationSeconds: number;
    readonly waitSeconds: number | undefined;
}

interface JobPutOff {
    readonly attributes: Attributes;
    readonly seconds: number;
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

interface ObservableQueue extends PolledQueue {
    readonly name: string;
}

interface ObservableWorker {
    readonly id: string;
    readonly name: string;
    readonly qualifiedName: string;
    readonly opts: {
        readonly name?: string | undefined;
        readonly telemetry?: unknown;
    };
    readonly closing?: unknown;
    on(event: ObservedEvent, listener: (...args: never[]) => void): unknown;
    off(event: ObservedEvent, listener: (...args: never[]) => void): unknown;
}

interface ObserveQueueOptions {
    readonly intervalMs?: number | undefined;
    readonly states?: readonly QueueState[] | undefined;
    readonly oldestWaiting?: boolean | undefined;
}

class Queue<DataTypeOrJob = any, ResultType = any, NameType extends string = string> extends Queue$1<DataTypeOrJob, ResultType, NameType> {
    #private;
    constructor(name: string, opts?: QueueOptions, backend?: unknown);
    protected addJob(...[name, data, opts]: Parameters<Queue$1<DataTypeOrJob, ResultType, NameType>['add']>): ReturnType<Queue$1<DataTypeOrJob, ResultType, NameType>['add']>;
    addBulk(jobs: Parameters<Queue$1<DataTypeOrJob, ResultType, NameType>['addBulk']>[0]): ReturnType<Queue$1<DataTypeOrJob, ResultType, NameType>['addBulk']>;
    get jobScheduler(): Queue$1<DataTypeOrJob, ResultType, NameType>['jobScheduler'];
    obliterate(opts?: Parameters<Queue$1['obliterate']>[0]): Promise<void>;
    trace<T>(kind: SpanKind, operation: string, destination: string, callback: (span?: Span, metadata?: string) => Promise<T> | T, metadata?: string): Promise<T | Promise<T>>;
}

// QueueEvents is another package's

type QueueOptions = WithTelemetry<QueueOptions$1>;

interface QueuePollFailed {
    readonly attributes: Attributes;
}

type QueueState = 'waiting' | 'active' | 'delayed' | 'prioritized' | 'paused' | 'waiting-children' | 'completed' | 'failed';

interface QuietableRedis {
    sendCommand(...args: never[]): unknown;
    duplicate(...args: never[]): QuietableRedis;
}

interface RelatedJob {
    readonly name: string;
    readonly queueName: string;
    readonly data: unknown;
    readonly opts: JobsOptions;
}

// Relation is another package's

type RelationSetting = RelationSetting$1<RelatedJob>;

type TelemetryOption = Partial<Telemetry> | Telemetry$1;

type TelemetrySource = Partial<Telemetry> | Telemetry$1 | undefined;

interface TraceableJob {
    readonly opts?: CarryingOptions | undefined;
}

type WithTelemetry<Options> = Omit<Options, 'telemetry'> & {
    readonly telemetry?: TelemetryOption | undefined;
};

class Worker<DataType = any, ResultType = any, NameType extends string = string> extends Worker$1<DataType, ResultType, NameType> {
    #private;
    constructor(name: string, processor?: string | URL | null | Processor<DataType, ResultType, NameType>, opts?: WorkerOptions, backend?: unknown);
    run(): Promise<void>;
    startStalledCheckTimer(): Promise<void>;
    getNextJob(...args: Parameters<Worker$1<DataType, ResultType, NameType>['getNextJob']>): ReturnType<Worker$1<DataType, ResultType, NameType>['getNextJob']>;
    get jobScheduler(): Worker$1<DataType, ResultType, NameType>['jobScheduler'];
    processJob(job: Job<DataType, ResultType, NameType>, token: string, fetchNextCallback?: () => boolean): ReturnType<Worker$1<DataType, ResultType, NameType>['processJob']>;
    protected callProcessJob(job: Job<DataType, ResultType, NameType>, token: string, signal?: AbortSignal): Promise<ResultType>;
    protected handleFailed(error: Error, job: Job<DataType, ResultType, NameType>, token: string, fetchNextCallback?: () => boolean, span?: Span): Promise<Job<DataType, ResultType, NameType>>;
    emit<Event extends keyof WorkerListener<DataType, ResultType, NameType>>(event: Event, ...args: Parameters<WorkerListener<DataType, ResultType, NameType>[Event]>): boolean;
    trace<T>(kind: SpanKind, operation: string, destination: string, callback: (span?: Span, metadata?: string) => Promise<T> | T, metadata?: string): Promise<T | Promise<T>>;
    close(force?: boolean): Promise<void>;
}

type WorkerOptions = WithTelemetry<WorkerOptions$1>;

function bullmqCarrier(context: TraceContext, options?: BullmqCarrierOptions): {
    metadata: string;
};

function bullmqTelemetry(telemetry: TelemetrySource, options?: BullmqTelemetryOptions): Telemetry;

function currentJobTrace(job: TraceableJob): TraceContext | undefined;

function doctor(options?: DoctorOptions): Promise<DoctorReport>;

function formatDoctorReport({ healthy, findings, bullmqVersion }: DoctorReport): string;

const jobBackedOff: TelemetryEventKind<JobPutOff>;

const jobDelayed: TelemetryEventKind<JobPutOff>;

const jobLockLost: TelemetryEventKind<JobOccurrence>;

const jobProcessed: TelemetryEventKind<JobProcessed>;

function jobRelation(relation: Relation): JobRelation;

const jobStalled: TelemetryEventKind<JobOccurrence>;

const jobsSent: TelemetryEventKind<JobsSent>;

function observeQueue(queue: ObservableQueue, telemetry: TelemetrySource, options?: ObserveQueueOptions): () => void;

function observeWorker(worker: ObservableWorker, telemetry: TelemetrySource): () => void;

const queuePollFailed: TelemetryEventKind<QueuePollFailed>;

function quietRedis<Client extends QuietableRedis>(client: Client, telemetry: TelemetrySource): Client;

function runFetchedJob<T>(job: FetchedJob, fn: () => T, telemetry?: TelemetrySource): T;

function wrapProcessor<Processor extends (job: Job<any, any, any>, token: string, signal: AbortSignal) => unknown>(processor: Processor, telemetry: TelemetrySource): Processor;

// used above, exported by no one here

interface CarryingOptions {
    readonly telemetry?: JobTelemetryOptions | undefined;
}

interface ClientOwner {
    readonly client?: unknown;
    getBackend?(): unknown;
}

interface JobRelation {
    metadata?: string;
    omitContext?: boolean;
}

interface LeasedQueue extends ClientOwner {
    toKey(type: string): string;
}

type ObservedEvent = 'active' | 'completed' | 'failed' | 'stalled' | 'lockRenewalFailed' | 'closed';

interface PolledQueue extends LeasedQueue {
    readonly closing?: Promise<void> | undefined;
    getJobCounts(...types: never[]): Promise<Readonly<Record<string, number>>>;
}
