// The public shape of @throughline/core/testing. Written by `pnpm api:update`, compared by `pnpm check`.

interface FailureMatch {
    readonly type?: TextMatch | undefined;
    readonly message?: TextMatch | undefined;
    readonly in?: string | undefined;
}

interface RecordedEvent {
    readonly kind: string;
    readonly event: object;
}

interface RecordedMeasurement {
    readonly name: string;
    readonly unit: string;
    readonly value: number;
    readonly attributes: Attributes;
}

interface RecordedSpan {
    readonly name: string;
    readonly kind: SpanKind;
    readonly context: TraceContext;
    readonly parent?: TraceContext | undefined;
    readonly links: readonly SpanLink[];
    readonly attributes: Attributes;
    readonly events: readonly RecordedSpanEvent[];
    readonly data: JsonObject;
    readonly tags: readonly string[];
    readonly subject?: string | undefined;
    readonly eventType?: string | undefined;
    readonly entity?: WorkEntity | undefined;
    readonly startTime: number;
    readonly endTime?: number | undefined;
    readonly outcome?: SpanOutcome | undefined;
    readonly error?: unknown;
}

interface RecordedSpanEvent {
    readonly name: string;
    readonly attributes: Attributes;
    readonly time: number;
}

interface RecordingTelemetry extends Telemetry {
    readonly spans: readonly RecordedSpan[];
    readonly events: readonly RecordedEvent[];
    readonly measurements: readonly RecordedMeasurement[];
    readonly health: TelemetryHealth;
    find(name: string): RecordedSpan | undefined;
    collect(): RecordedMeasurement[];
    clear(): void;
}

interface RecordingTelemetryOptions {
    readonly ambient?: AmbientContext | undefined;
}

interface SpanMatch {
    readonly attributes?: JsonObject | undefined;
    readonly state?: SpanState | undefined;
    readonly times?: number | undefined;
}

type TelemetryFault = 'throws' | 'throws undefined' | 'rejects' | 'hangs' | 'returns null' | 'returns a number' | 'returns an empty object' | 'returns a getter bomb' | 'returns a throwing proxy' | 'returns an agreeable proxy' | 'throws after running' | 'runs twice' | 'runs later' | 'swallows the error' | 'returns a derived promise';

type TelemetryHook = (typeof telemetryMethods)[number] | `propagation.${(typeof propagationMethods)[number]}` | `span.${(typeof spanMethods)[number] | (typeof spanGetters)[number]}`;

type TextMatch = string | RegExp;

class TraceAssertionError extends ThroughlineError {
    readonly trace: string;
    constructor(expectation: string, trace: string);
}

interface TraceExpectations {
    readonly not: TraceExpectations;
    toHaveSucceeded(): TraceExpectations;
    toHaveFailed(match?: TextMatch | FailureMatch): TraceExpectations;
    toHaveRetried(times: number, work?: WorkRef): TraceExpectations;
    toCompensate(step: string): TraceExpectations;
    toHaveNoOpenWork(): TraceExpectations;
    toContainSpan(name: string, match?: SpanMatch): TraceExpectations;
    toHaveOneRoot(): TraceExpectations;
    toBeOneTrace(): TraceExpectations;
}

function createHostileTelemetry(hook: TelemetryHook, fault: TelemetryFault): Telemetry;

function createRecordingTelemetry(options?: RecordingTelemetryOptions): RecordingTelemetry;

function expectTrace(trace: Iterable<TraceEvent> | CollectedTrace | TraceGraph): TraceExpectations;

const loanSagaFixture: readonly TraceEvent[];

function loanSagaSpanId(name: string): string;

function loanSagaStory(): TraceEvent[];

const telemetryFaults: readonly TelemetryFault[];

const telemetryHooks: readonly TelemetryHook[];

// used above, exported by no one here

interface AmbientContext {
    run<T>(context: TraceContext | undefined, fn: () => T): T;
    getStore(): TraceContext | undefined;
}

type AttributeValue = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[];

type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

type CarriedRelation = 'parent' | 'link';

interface Carrier {
    traceparent?: string | undefined;
    tracestate?: string | undefined;
    baggage?: string | undefined;
    relation?: CarriedRelation | undefined;
}

interface CollectedTrace {
    readonly events: readonly TraceEvent[];
    readonly traceIds: readonly string[];
    readonly cutOffs: readonly TraceCutOff[];
}

interface CompensationRow {
    readonly step: TraceSpan;
    readonly saga: TraceSpan | undefined;
    readonly status: CompensationStatus;
    readonly compensation: 'required' | 'none';
    readonly by: readonly TraceSpan[];
    readonly isOutOfOrder: boolean;
}

type CompensationStatus = 'not_needed' | 'compensated' | 'failed' | 'skipped' | 'pending' | 'missing';

interface Confidence {
    readonly level: 'high' | 'medium' | 'low';
    readonly reasons: readonly string[];
}

interface CriticalPath {
    readonly segments: readonly PathSegment[];
    readonly spans: readonly TraceSpan[];
    readonly durationMs: number;
    readonly confidence: Confidence;
}

type DiagnosticKind = 'orphan' | 'cycle' | 'duplicate' | 'undated' | 'conflicting_terminal' | 'conflicting_parent' | 'skew' | 'gap' | 'truncated' | 'cut_off' | 'malformed';

interface DurationChange extends SpanPair {
    readonly deltaMs: number;
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

interface FailureCause {
    readonly span: TraceSpan;
    readonly spans: readonly TraceSpan[];
    readonly error: StoredError | undefined;
    readonly job: TraceSpan | undefined;
    readonly work: WorkAttempts | undefined;
    readonly chain: readonly TraceSpan[];
    readonly reasons: readonly string[];
}

interface FailureExplanation {
    readonly outcome: TraceOutcome;
    readonly causes: readonly FailureCause[];
    readonly chain: readonly TraceSpan[];
    readonly recovered: readonly RecoveredWork[];
    readonly interrupted: readonly Interruption[];
    readonly open: readonly TraceSpan[];
    readonly ruledOut: readonly RuledOutSpan[];
    readonly compensation: readonly CompensationRow[];
    readonly confidence: Confidence;
    readonly diagnostics: readonly TraceDiagnostic[];
    toText(): string;
}

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

interface Interruption {
    readonly span: TraceSpan;
    readonly reason: 'stalled' | 'newer_attempt';
    readonly by: TraceSpan | undefined;
    readonly inside: readonly TraceSpan[];
}

interface JsonObject {
    readonly [key: string]: JsonValue | undefined;
}

type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

interface ObservedInstrument {
    readonly kind: 'gauge' | 'up_down_counter';
    readonly name: string;
    readonly unit: string;
    readonly description?: string | undefined;
}

type ObservedReader = (observe: (value: number, attributes?: Attributes) => void) => void;

interface OpenSpan {
    readonly span: TraceSpan;
    readonly ageMs: number | undefined;
}

interface OtlpAnyValue {
    readonly stringValue?: string;
    readonly boolValue?: boolean;
    readonly intValue?: string;
    readonly doubleValue?: number;
    readonly arrayValue?: {
        readonly values: readonly OtlpAnyValue[];
    };
    readonly kvlistValue?: {
        readonly values: readonly OtlpKeyValue[];
    };
}

interface OtlpKeyValue {
    readonly key: string;
    readonly value: OtlpAnyValue;
}

interface OtlpLink {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes: readonly OtlpKeyValue[];
}

interface OtlpResourceSpans {
    readonly resource: {
        readonly attributes: readonly OtlpKeyValue[];
    };
    readonly scopeSpans: readonly OtlpScopeSpans[];
}

interface OtlpScopeSpans {
    readonly scope: {
        readonly name: string;
        readonly version?: string;
        readonly attributes?: readonly OtlpKeyValue[];
    };
    readonly spans: readonly OtlpSpan[];
}

interface OtlpSpan {
    readonly traceId: string;
    readonly spanId: string;
    readonly traceState?: string;
    readonly parentSpanId?: string;
    readonly flags: number;
    readonly name: string;
    readonly kind: number;
    readonly startTimeUnixNano: string;
    readonly endTimeUnixNano: string;
    readonly attributes: readonly OtlpKeyValue[];
    readonly droppedAttributesCount?: number;
    readonly events: readonly OtlpSpanEvent[];
    readonly droppedEventsCount?: number;
    readonly links: readonly OtlpLink[];
    readonly droppedLinksCount?: number;
    readonly status: OtlpStatus;
}

interface OtlpSpanEvent {
    readonly timeUnixNano: string;
    readonly name: string;
    readonly attributes: readonly OtlpKeyValue[];
}

interface OtlpStatus {
    readonly code: number;
    readonly message?: string;
}

interface OtlpTraces {
    readonly resourceSpans: readonly OtlpResourceSpans[];
}

interface PathSegment {
    readonly span: TraceSpan;
    readonly kind: 'run' | 'wait';
    readonly startTime: number;
    readonly endTime: number;
    readonly durationMs: number;
}

interface Propagation {
    inject(context: TraceContext, carrier: Carrier): void;
    extract(carrier: unknown): TraceContext | undefined;
}

interface RecoveredWork {
    readonly by: TraceSpan;
    readonly failures: readonly TraceSpan[];
}

type RuledOutReason = 'consequence' | 'recovered' | 'earlier_attempt' | 'retry_pending' | 'handled' | 'compensation';

interface RuledOutSpan {
    readonly span: TraceSpan;
    readonly reason: RuledOutReason;
    readonly by: TraceSpan | undefined;
}

interface SelfTime {
    readonly selfMs: number;
    readonly belowMs: number;
    readonly confidence: Confidence;
}

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

type SpanForm = 'work' | 'send' | 'point' | 'missing';

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

interface SpanPair {
    readonly before: TraceSpan;
    readonly after: TraceSpan;
}

type SpanRef = string | TraceSpan;

type SpanRelation = 'produced_by' | 'retry_of' | 'recovered_from' | 'waits_for' | 'scheduled_by' | 'batch' | 'compensates' | 'continues';

type SpanState = 'completed' | 'failed' | 'canceled' | 'retrying' | 'suspended' | 'open' | 'interrupted' | 'missing';

interface SpanTiming {
    readonly delayMs: number;
    readonly waitMs: number;
    readonly backoffMs: number;
    readonly runMs: number;
    readonly totalMs: number;
}

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

type TextRole = 'success' | 'failed' | 'warning' | 'pending' | 'muted';

class ThroughlineError extends Error {
    readonly code: string;
    constructor(code: string, message: string, options?: {
        readonly cause?: unknown;
    });
    get name(): string;
}

interface ToOtlpOptions {
    readonly lossless?: boolean | undefined;
    readonly open?: 'mark' | 'omit' | undefined;
    readonly now?: number | undefined;
    readonly resource?: JsonObject | undefined;
}

interface TraceComparison {
    readonly firstDivergence: TraceDivergence | undefined;
    readonly added: readonly TraceSpan[];
    readonly removed: readonly TraceSpan[];
    readonly statusChanged: readonly SpanPair[];
    readonly durationChanged: readonly DurationChange[];
    toText(): string;
}

interface TraceContext {
    readonly traceId: string;
    readonly spanId: string;
    readonly traceFlags: number;
    readonly traceState?: string | undefined;
    readonly isRemote?: boolean | undefined;
}

interface TraceCutOff {
    readonly traceId: string;
    readonly reason: 'max_traces' | 'max_events' | 'unreadable';
}

interface TraceDiagnostic {
    readonly kind: DiagnosticKind;
    readonly traceId?: string | undefined;
    readonly spanId?: string | undefined;
    readonly count: number;
    readonly detail?: string | undefined;
}

type TraceDivergence = {
    readonly kind: 'added';
    readonly before: undefined;
    readonly after: TraceSpan;
} | {
    readonly kind: 'removed';
    readonly before: TraceSpan;
    readonly after: undefined;
} | {
    readonly kind: 'status';
    readonly before: TraceSpan;
    readonly after: TraceSpan;
};

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

interface TraceGraph {
    readonly events: readonly TraceEvent[];
    readonly spans: readonly TraceSpan[];
    span(ref: SpanRef): TraceSpan | undefined;
    root(): TraceSpan | undefined;
    roots(): readonly TraceSpan[];
    path(ref: SpanRef): readonly TraceSpan[];
    children(ref: SpanRef): readonly TraceSpan[];
    ancestors(ref: SpanRef): readonly TraceSpan[];
    descendants(ref: SpanRef): readonly TraceSpan[];
    buildTree(top?: SpanRef): readonly TraceNode[];
    findByType(eventType: string): readonly TraceEvent[];
    findByStatus(status: TraceEventStatus): readonly TraceSpan[];
    select(predicate: (span: TraceSpan) => boolean): readonly TraceSpan[];
    failure(): TraceSpan | undefined;
    attempts(work: WorkRef): WorkAttempts | undefined;
    retries(): readonly WorkAttempts[];
    openSpans(options?: {
        readonly now?: number | undefined;
    }): readonly OpenSpan[];
    timing(ref: SpanRef, options?: {
        readonly now?: number | undefined;
    }): SpanTiming;
    selfTime(ref: SpanRef): SelfTime;
    criticalPath(): CriticalPath;
    explainFailure(): FailureExplanation;
    compensations(): readonly CompensationRow[];
    compare(other: TraceGraph): TraceComparison;
    diagnostics(): readonly TraceDiagnostic[];
    toText(options?: TraceTextOptions): string;
    toMermaid(options?: TraceMermaidOptions): string;
    toOtlp(options?: ToOtlpOptions): OtlpTraces;
}

interface TraceMermaidOptions {
    readonly direction?: 'TD' | 'LR' | undefined;
    readonly maxSpans?: number | undefined;
}

interface TraceNode {
    readonly event: TraceEvent | undefined;
    readonly span: TraceSpan;
    readonly children: readonly TraceNode[];
}

type TraceOutcome = 'success' | 'failed' | 'interrupted' | 'open' | 'canceled' | 'unknown';

interface TraceSpan {
    readonly traceId: string;
    readonly spanId: string;
    readonly parentSpanId?: string | undefined;
    readonly parent: TraceSpan | undefined;
    readonly origin: TraceSpan | undefined;
    readonly children: readonly TraceSpan[];
    readonly form: SpanForm;
    readonly state: SpanState;
    readonly status: TraceEventStatus | undefined;
    readonly name: string;
    readonly subject: string;
    readonly kind: SpanKind | undefined;
    readonly entity: StoredEntity | undefined;
    readonly attempt: number | undefined;
    readonly maxAttempts: number | undefined;
    readonly error: StoredError | undefined;
    readonly attributes: JsonObject;
    readonly tags: readonly string[];
    readonly links: readonly StoredLink[];
    readonly isStep: boolean;
    readonly originalSpanId: string | undefined;
    readonly startTime: number | undefined;
    readonly endTime: number | undefined;
    readonly durationMs: number | undefined;
    readonly event: TraceEvent | undefined;
    readonly events: readonly TraceEvent[];
}

interface TraceTextOptions {
    readonly colors?: Partial<Readonly<Record<TextRole, ((text: string) => string) | undefined>>> | undefined;
    readonly now?: number | undefined;
    readonly maxLines?: number | undefined;
}

interface WorkAttempts {
    readonly entity: StoredEntity;
    readonly attempts: readonly TraceSpan[];
    readonly sends: readonly TraceSpan[];
    readonly state: SpanState;
    readonly latest: TraceSpan | undefined;
    readonly failures: number;
    readonly maxAttempts: number | undefined;
}

interface WorkEntity {
    readonly system: string;
    readonly queue?: string | undefined;
    readonly name?: string | undefined;
    readonly id: string;
    readonly attempt?: number | undefined;
    readonly maxAttempts?: number | undefined;
}

type WorkRef = string | (Partial<StoredEntity> & {
    readonly id: string;
});

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

const propagationMethods: readonly [
    "inject",
    "extract"
];

const spanGetters: readonly [
    "context",
    "isRecording"
];

const spanMethods: readonly [
    "identify",
    "setAttributes",
    "addEvent",
    "addLink",
    "run",
    "end"
];

const telemetryMethods: readonly [
    "startSpan",
    "activeContext",
    "withContext",
    "emitEvent",
    "observe",
    "isEnabled",
    "importSpans",
    "flush",
    "shutdown"
];
