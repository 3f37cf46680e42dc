// The public shape of @throughline/conformance. Written by `pnpm api:update`, compared by `pnpm check`.

type Awaitable<T> = T | PromiseLike<T>;

class ConformanceFailedError extends ThroughlineError {
    readonly suite: string;
    readonly id: string;
    readonly seed: number;
    constructor({ suite, id, title, seed }: FailedCase, cause: unknown);
}

interface JobAdapterCapabilities {
    readonly bare?: false | undefined;
    readonly refused?: false | undefined;
}

interface JobAdapterHarness extends SuiteOptions {
    open(telemetry: Telemetry | undefined): Awaitable<JobAdapterUnderTest>;
    readonly ambient?: (() => AmbientContext) | undefined;
    readonly capabilities?: JobAdapterCapabilities | undefined;
}

interface JobAdapterUnderTest {
    send(job: SentJob): Promise<string>;
    process(processor: JobProcessor): Awaitable<unknown>;
    settled(id: string): Promise<JobSettlement>;
    sendBare?: ((job: SentJob, carrier: string | undefined) => Promise<string>) | undefined;
    sendRefused?: (() => Promise<unknown>) | undefined;
    close(): Promise<unknown>;
}

type JobProcessor = (job: StartedJob) => Promise<JsonValue>;

type JobSettlement = {
    readonly result: JsonValue;
} | {
    readonly error: string;
};

interface ObservedLink {
    readonly traceId: string;
    readonly spanId: string;
    readonly relation?: SpanRelation | undefined;
}

interface ObservedMeasurement {
    readonly name: string;
    readonly value: number;
    readonly attributes: Attributes;
}

interface ObservedSpan {
    readonly name: string;
    readonly traceId: string;
    readonly spanId: string;
    readonly parentSpanId?: string | undefined;
    readonly kind: SpanKind;
    readonly attributes: Attributes;
    readonly links: readonly ObservedLink[];
    readonly events: readonly {
        readonly name: string;
        readonly time?: number | undefined;
    }[];
    readonly startTime: number;
    readonly endTime: number;
    readonly outcome?: SpanOutcome | undefined;
    readonly errorMessage?: string | undefined;
    readonly entity?: WorkEntity | undefined;
}

interface PropagationHarness extends SuiteOptions {
    open(): Awaitable<Propagation>;
}

interface SentJob {
    readonly name: string;
    readonly data: JsonValue;
    readonly attempts: number;
}

interface StartedJob {
    readonly id: string;
    readonly data: JsonValue;
}

interface SuiteOptions {
    readonly test: TestFunction;
    readonly seed?: number | undefined;
    readonly deadlineMs?: number | undefined;
}

interface TelemetryCapabilities {
    readonly ambient?: false | undefined;
    readonly async?: false | undefined;
    readonly givenIdentity?: false | undefined;
    readonly measurements?: false | undefined;
    readonly importSpans?: false | undefined;
    readonly entities?: false | undefined;
}

interface TelemetryHarness extends SuiteOptions {
    open(): Awaitable<TelemetryUnderTest>;
    readonly capabilities?: TelemetryCapabilities | undefined;
}

interface TelemetryUnderTest {
    readonly telemetry: Telemetry;
    spans(): Awaitable<readonly ObservedSpan[]>;
    measurements?: (() => Awaitable<readonly ObservedMeasurement[]>) | undefined;
    close?: (() => Awaitable<unknown>) | undefined;
}

type TestFunction = (name: string, fn: () => Promise<void>) => unknown;

interface TraceStoreHarness<Place = undefined> extends SuiteOptions {
    open(place: Place): Awaitable<TraceStore>;
    createPlace?: (() => Awaitable<Place>) | undefined;
    removePlace?: ((place: Place) => Awaitable<unknown>) | undefined;
    interrupt?: ((place: Place) => Awaitable<() => Awaitable<unknown>>) | undefined;
    readonly capabilities?: StoreCapabilities | undefined;
    readonly appendSync?: boolean | undefined;
    readonly tailLimit?: number | undefined;
    readonly largeTraceEvents?: number | undefined;
}

function testJobAdapter(harness: JobAdapterHarness): void;

function testPropagation(harness: PropagationHarness): void;

function testTelemetry(harness: TelemetryHarness): void;

function testTraceStore<Place = undefined>(harness: TraceStoreHarness<Place>): void;

// used above, exported by no one here

interface FailedCase {
    readonly suite: string;
    readonly id: string;
    readonly title: string;
    readonly seed: number;
}
