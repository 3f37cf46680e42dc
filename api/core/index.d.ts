// The public shape of @throughline/core. Written by `pnpm api:update`, compared by `pnpm check`.

const ATTR_ERROR_TYPE = "error.type";

const ATTR_MESSAGING_BATCH_MESSAGE_COUNT = "messaging.batch.message_count";

const ATTR_MESSAGING_CLIENT_ID = "messaging.client.id";

const ATTR_MESSAGING_DESTINATION_NAME = "messaging.destination.name";

const ATTR_MESSAGING_MESSAGE_ID = "messaging.message.id";

const ATTR_MESSAGING_OPERATION_NAME = "messaging.operation.name";

const ATTR_MESSAGING_OPERATION_TYPE = "messaging.operation.type";

const ATTR_MESSAGING_SYSTEM = "messaging.system";

const ATTR_SERVER_ADDRESS = "server.address";

const ATTR_SERVER_PORT = "server.port";

const ATTR_THROUGHLINE_ATTEMPT = "throughline.attempt";

const ATTR_THROUGHLINE_JOB_NAME = "throughline.job.name";

const ATTR_THROUGHLINE_MAX_ATTEMPTS = "throughline.max_attempts";

const ATTR_THROUGHLINE_ORIGIN_TRACE_ID = "throughline.origin.trace_id";

const ATTR_THROUGHLINE_OUTCOME = "throughline.outcome";

const ATTR_THROUGHLINE_QUEUE_STATE = "throughline.queue.state";

const ATTR_THROUGHLINE_REASON = "throughline.reason";

const ATTR_THROUGHLINE_RELATION = "throughline.relation";

const ATTR_THROUGHLINE_WILL_RETRY = "throughline.will_retry";

interface AmbientContext {
    run<T>(context: TraceContext | undefined, fn: () => T): T;
    getStore(): TraceContext | undefined;
}

type AttributeValue = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[];

type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

interface BaggageMember {
    readonly key: string;
    readonly value: string;
    readonly properties?: readonly BaggageProperty[] | undefined;
}

interface BaggageProperty {
    readonly key: string;
    readonly value?: string | undefined;
}

interface BaggageReading {
    readonly members: readonly BaggageMember[];
    readonly rejected: number;
    readonly truncated: boolean;
}

type CarriedRelation = 'parent' | 'link';

interface Carrier {
    traceparent?: string | undefined;
    tracestate?: string | undefined;
    baggage?: string | undefined;
    relation?: CarriedRelation | undefined;
}

type CarrierReading = {
    readonly context: TraceContext;
    readonly relation?: CarriedRelation | undefined;
    readonly baggage?: string | undefined;
    readonly traceStateRejected?: TraceStateRejection | undefined;
    readonly reason?: undefined;
} | {
    readonly context: undefined;
    readonly reason: CarrierRejection;
};

type CarrierRejection = ContainerRejection | TraceparentRejection;

class CombineTwoIdentitiesError extends ThroughlineError {
    readonly position: number;
    constructor(position: number);
}

type ContainerRejection = 'absent' | 'not_a_carrier' | 'too_large' | 'invalid_json' | 'unreadable';

interface CreateTraceContextOptions {
    readonly parent?: TraceContext | null | undefined;
    readonly sampled?: boolean | undefined;
}

interface DescribeErrorOptions {
    readonly stack?: boolean | undefined;
    readonly maxMessageLength?: number | undefined;
    readonly maxCauses?: number | undefined;
}

interface EventInstrument<E extends object> {
    readonly kind: 'counter' | 'up_down_counter' | 'histogram';
    readonly name: string;
    readonly unit: string;
    readonly description?: string | undefined;
    readonly buckets?: readonly number[] | undefined;
    readonly value: (event: E) => number | undefined;
    readonly attributes?: ((event: E) => Attributes) | undefined;
}

interface EventTelemetryOptions {
    readonly writer: TraceEventSink;
    readonly ambient?: AmbientContext | undefined;
    readonly respectSampling?: boolean | undefined;
    readonly sampledFlag?: boolean | undefined;
    readonly recordStacks?: boolean | undefined;
}

type FailureReport = (message: string, error: unknown) => void;

interface FinishedSpan extends SpanOptions {
    readonly name: string;
    readonly context: TraceContext;
    readonly startTime: number;
    readonly endTime: number;
    readonly outcome: SpanOutcome;
    readonly error?: {
        readonly type: string;
        readonly message: string;
    } | undefined;
}

interface FlushOptions {
    readonly timeoutMs?: number | undefined;
}

interface FlushResult {
    readonly complete: boolean | 'unknown';
    readonly reason?: 'timeout' | 'failed' | 'unsupported' | undefined;
    readonly error?: unknown;
    readonly account?: WriterStats | undefined;
}

interface FormatTraceStateOptions {
    readonly maxLength?: number | undefined;
}

interface JsonObject {
    readonly [key: string]: JsonValue | undefined;
}

type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

type KnownOptions<Options extends object> = Readonly<Record<KeyOfEach<Options>, true>>;

const METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES = "messaging.client.consumed.messages";

const METRIC_MESSAGING_CLIENT_OPERATION_DURATION = "messaging.client.operation.duration";

const METRIC_MESSAGING_CLIENT_SENT_MESSAGES = "messaging.client.sent.messages";

const METRIC_MESSAGING_PROCESS_DURATION = "messaging.process.duration";

const METRIC_THROUGHLINE_BACKOFF_DURATION = "throughline.backoff.duration";

const METRIC_THROUGHLINE_DELAY_DURATION = "throughline.delay.duration";

const METRIC_THROUGHLINE_LOCK_LOST = "throughline.lock_lost";

const METRIC_THROUGHLINE_QUEUE_DEPTH = "throughline.queue.depth";

const METRIC_THROUGHLINE_QUEUE_OLDEST_AGE = "throughline.queue.oldest.age";

const METRIC_THROUGHLINE_QUEUE_POLL_FAILURES = "throughline.queue.poll.failures";

const METRIC_THROUGHLINE_QUEUE_POLL_TIMESTAMP = "throughline.queue.poll.timestamp";

const METRIC_THROUGHLINE_STALLED = "throughline.stalled";

const METRIC_THROUGHLINE_WAIT_DURATION = "throughline.wait.duration";

interface ObservedInstrument {
    readonly kind: 'gauge' | 'up_down_counter';
    readonly name: string;
    readonly unit: string;
    readonly description?: string | undefined;
}

type ObservedReader = (observe: (value: number, attributes?: Attributes) => void) => void;

class OptionInvalidError extends ThroughlineError {
    readonly option: string;
    constructor(option: string, received: unknown, expected: string);
}

class OutcomeAttributes {
    #private;
    readonly ok: Attributes;
    constructor(base: Attributes);
    of(outcome: SpanOutcome, failure?: {
        readonly error: unknown;
    }): Attributes;
}

interface Propagation {
    inject(context: TraceContext, carrier: Carrier): void;
    extract(carrier: unknown): TraceContext | undefined;
}

interface QueueReading {
    readonly attributes: Attributes;
    readonly depth: Readonly<Record<string, number>>;
    readonly oldestAge: number | undefined;
    readonly polledAt: number;
}

interface RecordEventOptions {
    readonly parent?: TraceContext | null | undefined;
    readonly entity?: WorkEntity | undefined;
    readonly status?: 'success' | 'failed' | 'pending' | undefined;
    readonly time?: number | undefined;
    readonly data?: JsonObject | undefined;
    readonly attributes?: Attributes | undefined;
    readonly tags?: readonly string[] | undefined;
    readonly links?: readonly SpanLink[] | undefined;
}

type Relation = 'parent' | 'link' | 'auto';

type RelationSetting<Work> = Relation | ((work: Work) => Relation);

interface ResolveTelemetryOptions {
    readonly report?: FailureReport | undefined;
}

const SEMANTIC_CONVENTIONS_VERSION = "1.45.0";

interface Span {
    readonly context: TraceContext;
    readonly isRecording: boolean;
    identify(entity: WorkEntity): void;
    setAttributes(attributes: Attributes): void;
    addEvent(name: string, attributes?: Attributes, time?: number): void;
    addLink(link: SpanLink): void;
    run<T>(fn: () => T): T;
    end(end?: SpanEnd): void;
}

interface SpanEnd {
    readonly outcome?: SpanOutcome | undefined;
    readonly error?: unknown;
    readonly endTime?: number | undefined;
    readonly attributes?: Attributes | undefined;
    readonly data?: JsonObject | undefined;
    readonly tags?: readonly string[] | undefined;
}

type SpanKind = 'internal' | 'producer' | 'consumer' | 'client' | 'server';

interface SpanLink {
    readonly context: TraceContext;
    readonly relation?: SpanRelation | undefined;
    readonly attributes?: Attributes | undefined;
}

interface SpanOptions {
    readonly kind?: SpanKind | undefined;
    readonly parent?: TraceContext | null | undefined;
    readonly links?: readonly SpanLink[] | undefined;
    readonly attributes?: Attributes | undefined;
    readonly startTime?: number | undefined;
    readonly subject?: string | undefined;
    readonly entity?: WorkEntity | undefined;
    readonly data?: JsonObject | undefined;
    readonly tags?: readonly string[] | undefined;
    readonly eventType?: string | undefined;
    readonly context?: TraceContext | undefined;
}

type SpanOutcome = 'ok' | 'error' | 'timeout' | 'rejected' | 'dropped' | 'retry' | 'lost' | 'canceled' | 'delayed' | 'rate_limited' | 'waiting' | 'released';

type SpanRelation = 'produced_by' | 'retry_of' | 'recovered_from' | 'waits_for' | 'scheduled_by' | 'batch' | 'compensates' | 'continues';

class StoreClosedError extends ThroughlineError {
    constructor(store: string);
}

class StoreFullError extends ThroughlineError {
    constructor(store: string, options?: {
        readonly cause?: unknown;
    });
}

class StoreUnavailableError extends ThroughlineError {
    readonly retryAfterMs: number | undefined;
    constructor(message: string, options?: {
        readonly cause?: unknown;
        readonly retryAfterMs?: number | undefined;
    });
}

class StoreUnsupportedError extends ThroughlineError {
    readonly operation: string;
    constructor(store: string, operation: string);
}

interface Telemetry {
    readonly identity?: 'own' | 'given' | undefined;
    startSpan(name: string, options?: SpanOptions): Span;
    activeContext(): TraceContext | undefined;
    withContext<T>(context: TraceContext | undefined, fn: () => T): T;
    readonly propagation: Propagation;
    emitEvent<E extends object>(kind: TelemetryEventKind<E>, event: NoInfer<E>): void;
    observe(instrument: ObservedInstrument, read: ObservedReader): () => void;
    isEnabled(signal: 'spans' | 'measurements'): boolean;
    importSpans?(spans: readonly FinishedSpan[]): void;
    flush(options?: FlushOptions): Promise<FlushResult>;
    shutdown(options?: FlushOptions): Promise<FlushResult>;
}

interface TelemetryEventKind<E extends object> {
    readonly name: string;
    readonly instruments: readonly EventInstrument<E>[];
}

interface TelemetryHealth {
    readonly failures: Readonly<Record<string, number>>;
    readonly lastError?: unknown;
    readonly ambient: boolean;
    readonly rejectedCarriers: Readonly<Record<string, number>>;
}

class TelemetryInvalidError extends ThroughlineError {
    readonly path: string;
    constructor(path: string, problem: string, expected: string);
}

class ThroughlineError extends Error {
    readonly code: string;
    constructor(code: string, message: string, options?: {
        readonly cause?: unknown;
    });
    get name(): string;
}

interface TraceContext {
    readonly traceId: string;
    readonly spanId: string;
    readonly traceFlags: number;
    readonly traceState?: string | undefined;
    readonly isRemote?: boolean | undefined;
}

interface TraceEventSink {
    emit(event: TraceEvent): EmittedEvent;
    flush(options?: FlushOptions): Promise<WriterFlushResult>;
    close(options?: FlushOptions): Promise<WriterFlushResult>;
}

interface TraceFields {
    readonly trace_id: string;
    readonly span_id: string;
    readonly trace_flags: string;
}

interface TraceStateMember {
    readonly key: string;
    readonly value: string;
}

type TraceStateReading = {
    readonly members: readonly TraceStateMember[];
    readonly reason?: undefined;
} | {
    readonly members: undefined;
    readonly reason: TraceStateRejection;
};

type TraceStateRejection = 'tracestate_malformed' | 'tracestate_too_large' | 'tracestate_too_many_members';

interface TracedOptions extends SpanOptions {
    readonly compensates?: TraceContext | undefined;
    readonly outcomeOf?: ((error: unknown) => SpanOutcome) | undefined;
}

type TraceparentReading = {
    readonly context: TraceContext;
    readonly reason?: undefined;
} | {
    readonly context: undefined;
    readonly reason: TraceparentRejection;
};

type TraceparentRejection = 'traceparent_missing' | 'traceparent_duplicated' | 'traceparent_malformed' | 'version_invalid' | 'id_zero';

interface WorkEntity {
    readonly system: string;
    readonly queue?: string | undefined;
    readonly name?: string | undefined;
    readonly id: string;
    readonly attempt?: number | undefined;
    readonly maxAttempts?: number | undefined;
}

interface WriterStats {
    readonly accepted: number;
    readonly stored: number;
    readonly duplicates: number;
    readonly spooled: number;
    readonly dropped: Readonly<Record<string, number>>;
    readonly rejected: number;
    readonly buffered: number;
    readonly replayed: number;
}

function combineTelemetry(primary: Partial<Telemetry> | null | undefined, ...followers: readonly (Partial<Telemetry> | null | undefined)[]): Telemetry;

function countFailure(telemetry: Telemetry, hook: string, error: unknown): void;

function createEventTelemetry(options: EventTelemetryOptions): Telemetry;

function createLink(context: TraceContext, relation?: SpanRelation): SpanLink;

function createTraceContext({ parent, sampled }?: CreateTraceContextOptions): TraceContext;

function defineEventKind<E extends object>(name: string, instruments: readonly EventInstrument<E>[]): TelemetryEventKind<E>;

function deleteTraceStateKey(members: readonly TraceStateMember[], key: string): readonly TraceStateMember[];

function demandOption(isMet: boolean, option: string, received: unknown, expected: string): void;

function demandOptions<Options extends object>(path: string, given: Options, known: KnownOptions<Options>): void;

function describeError(error: unknown, options?: DescribeErrorOptions): StoredError;

function extractTraceContext(input: unknown): TraceContext | undefined;

function formatBaggage(members: readonly BaggageMember[]): string;

function formatCarrier(context: TraceContext, relation?: CarriedRelation): string;

function formatTraceState(members: readonly TraceStateMember[], { maxLength }?: FormatTraceStateOptions): string;

function formatTraceparent(context: TraceContext): string;

function forwardBaggage(value: unknown, allowedKeys?: readonly string[]): string | undefined;

function getTraceStateValue(members: readonly TraceStateMember[], key: string): string | undefined;

function injectTraceContext(context: TraceContext, carrier: Carrier): void;

function isRelation(value: unknown): value is Relation;

function isThroughlineError(value: unknown, code?: string): value is ThroughlineError;

function isValidTraceContext(value: unknown): value is TraceContext;

const noopTelemetry: Telemetry;

function observeQueueReadings(telemetry: Telemetry, read: () => Iterable<QueueReading>): () => void;

function outcomeOf(error: unknown): SpanOutcome;

function parseBaggage(value: unknown): BaggageReading;

function parseTraceState(value: unknown): TraceStateReading;

function parseTraceparent(value: unknown): TraceContext | undefined;

function randomSpanId(): string;

function randomTraceId(): string;

function readCarrier(input: unknown): CarrierReading;

function readTraceparent(value: unknown): TraceparentReading;

function recordEvent(telemetry: Partial<Telemetry> | null | undefined, eventType: string, options?: RecordEventOptions): TraceContext;

function relationOf<Work>(telemetry: Telemetry, setting: RelationSetting<Work>, work: Work | undefined, hook: string): Relation;

function resolveTelemetry(telemetry?: Partial<Telemetry> | null | undefined, options?: ResolveTelemetryOptions): Telemetry;

function setTraceStateValue(members: readonly TraceStateMember[], key: string, value: string): readonly TraceStateMember[] | undefined;

function telemetryHealth(telemetry: Partial<Telemetry> | null | undefined): TelemetryHealth;

function traceFields(context: TraceContext | undefined): TraceFields | Record<string, never>;

function traced<T>(telemetry: Partial<Telemetry> | null | undefined, name: string, fn: (span: Span) => T, options?: TracedOptions): T;

const w3cPropagation: Propagation;

// used above, exported by no one here

interface EmittedEvent {
    amend(data: TraceEventData): boolean;
}

type KeyOfEach<Union> = Union extends object ? keyof Union : never;

interface StoredEntity {
    readonly system: string;
    readonly queue?: string | undefined;
    readonly name?: string | undefined;
    readonly id: string;
}

interface StoredError {
    readonly type: string;
    readonly message: string;
    readonly code?: string | undefined;
    readonly stack?: string | undefined;
    readonly cause?: StoredError | undefined;
}

interface StoredLink {
    readonly trace_id: string;
    readonly span_id: string;
    readonly relation?: SpanRelation | undefined;
}

interface TraceEvent {
    readonly trace_id: string;
    readonly span_id: string;
    readonly parent_span_id?: string | undefined;
    readonly event_type: string;
    readonly timestamp: string;
    readonly status?: TraceEventStatus | undefined;
    readonly data?: TraceEventData | undefined;
    readonly tags?: readonly string[] | undefined;
    readonly event_id?: string | undefined;
    readonly source?: string | undefined;
    readonly seq?: number | undefined;
}

interface TraceEventData {
    readonly name?: string | undefined;
    readonly kind?: SpanKind | undefined;
    readonly attributes?: JsonObject | undefined;
    readonly resource?: JsonObject | undefined;
    readonly attempt?: number | undefined;
    readonly max_attempts?: number | undefined;
    readonly outcome?: string | undefined;
    readonly final?: boolean | undefined;
    readonly step?: boolean | undefined;
    readonly compensation?: 'required' | 'none' | undefined;
    readonly original_span_id?: string | undefined;
    readonly error?: StoredError | undefined;
    readonly links?: readonly StoredLink[] | undefined;
    readonly entity?: StoredEntity | undefined;
    readonly truncated?: boolean | undefined;
    readonly [key: string]: unknown;
}

type TraceEventStatus = 'success' | 'failed' | 'pending';

interface WriterFlushResult extends WriterStats {
    readonly complete: boolean;
    readonly reason?: 'timeout' | 'failed' | undefined;
}
