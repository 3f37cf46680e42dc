// The public shape of @throughline/core/trace-graph. Written by `pnpm api:update`, compared by `pnpm check`.

interface CompensationPair {
    readonly compensation: TraceEvent;
    readonly original: TraceEvent | undefined;
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

interface Interruption {
    readonly span: TraceSpan;
    readonly reason: 'stalled' | 'newer_attempt';
    readonly by: TraceSpan | undefined;
    readonly inside: readonly TraceSpan[];
}

interface OpenSpan {
    readonly span: TraceSpan;
    readonly ageMs: number | undefined;
}

interface PathSegment {
    readonly span: TraceSpan;
    readonly kind: 'run' | 'wait';
    readonly startTime: number;
    readonly endTime: number;
    readonly durationMs: number;
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

type SpanForm = 'work' | 'send' | 'point' | 'missing';

interface SpanPair {
    readonly before: TraceSpan;
    readonly after: TraceSpan;
}

type SpanRef = string | TraceSpan;

type SpanState = 'completed' | 'failed' | 'canceled' | 'retrying' | 'suspended' | 'open' | 'interrupted' | 'missing';

interface SpanTiming {
    readonly delayMs: number;
    readonly waitMs: number;
    readonly backoffMs: number;
    readonly runMs: number;
    readonly totalMs: number;
}

type TextRole = 'success' | 'failed' | 'warning' | 'pending' | 'muted';

interface TraceComparison {
    readonly firstDivergence: TraceDivergence | undefined;
    readonly added: readonly TraceSpan[];
    readonly removed: readonly TraceSpan[];
    readonly statusChanged: readonly SpanPair[];
    readonly durationChanged: readonly DurationChange[];
    toText(): string;
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

interface TraceGraphBuilder {
    add(events: Iterable<TraceEvent> | CollectedTrace): TraceGraphBuilder;
    graph(): TraceGraph;
}

interface TraceGraphOptions {
    readonly traceId?: string | undefined;
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

class TraceQuery {
    readonly graph: TraceGraph;
    constructor(events: Iterable<TraceEvent>);
    getRoot(): TraceEvent | undefined;
    getPath(spanId: string): TraceEvent[];
    getChildren(spanId: string): TraceEvent[];
    findByType(eventType: string): TraceEvent[];
    findByStatus(status: TraceEventStatus): TraceEvent[];
    getFailure(): TraceEvent | undefined;
    getCompensations(): CompensationPair[];
    buildTree(): TraceNode | undefined;
}

class TraceReader {
    #private;
    constructor(store: TraceStore);
    getTrace(traceId: string, options?: ReadOptions): Promise<TraceEvent[]>;
}

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

class TraceWriter extends EventWriter {
    generateId(): string;
    createContext(traceId?: string): TraceContext;
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

type WorkRef = string | (Partial<StoredEntity> & {
    readonly id: string;
});

function addTraceToJob<T extends object>(data: T, context: TraceContext): T & {
    _trace: Carrier;
};

function createTraceGraph(events: Iterable<TraceEvent> | CollectedTrace, options?: TraceGraphOptions): TraceGraph;

function createTraceGraphBuilder(options?: TraceGraphOptions): TraceGraphBuilder;

function getTraceFromJob(data: unknown): TraceContext | undefined;

// used above, exported by no one here

interface AbortSignalLike {
    readonly aborted: boolean;
    readonly reason?: unknown;
    addEventListener(type: 'abort', listener: () => void): void;
    removeEventListener(type: 'abort', listener: () => void): void;
}

interface AppendResult {
    readonly stored: number;
    readonly duplicates: number;
    readonly rejected: readonly {
        readonly event: TraceEvent;
        readonly reason: string;
    }[];
}

type CarriedRelation = 'parent' | 'link';

interface Carrier {
    traceparent?: string | undefined;
    tracestate?: string | undefined;
    baggage?: string | undefined;
    relation?: CarriedRelation | undefined;
}

interface Clock {
    now(): number;
    schedule(callback: () => void, delayMs: number, holdsProcess: boolean): () => void;
}

interface CollectedTrace {
    readonly events: readonly TraceEvent[];
    readonly traceIds: readonly string[];
    readonly cutOffs: readonly TraceCutOff[];
}

interface EmittedEvent {
    amend(data: TraceEventData): boolean;
}

interface EventSpool {
    append(events: readonly TraceEvent[]): Promise<unknown>;
    appendSync(events: readonly TraceEvent[]): void;
    pending(): AsyncIterable<SpooledBatch>;
}

class EventWriter {
    #private;
    readonly source: string;
    constructor(store: TraceStore, options?: EventWriterOptions);
    get circuit(): 'closed' | 'open' | 'half-open';
    get lastError(): unknown;
    get lastSpoolError(): unknown;
    get droppedFields(): number;
    stats(): WriterStats;
    emit(event: TraceEvent): EmittedEvent;
    flush(options?: FlushOptions): Promise<WriterFlushResult>;
    close(options?: FlushOptions): Promise<WriterFlushResult>;
    spoolSync(): WriterStats;
}

interface EventWriterOptions {
    readonly source?: string | undefined;
    readonly spool?: EventSpool | undefined;
    readonly maxEvents?: number | undefined;
    readonly maxBytes?: number | undefined;
    readonly maxDataBytes?: number | undefined;
    readonly flushIntervalMs?: number | undefined;
    readonly batchEvents?: number | undefined;
    readonly appendTimeoutMs?: number | undefined;
    readonly maxTraceEvents?: number | undefined;
    readonly redact?: RedactOptions | false | undefined;
    readonly resource?: JsonObject | undefined;
    readonly process?: (() => JsonObject) | false | undefined;
    readonly clock?: Clock | undefined;
}

interface FlushOptions {
    readonly timeoutMs?: number | undefined;
}

interface JsonObject {
    readonly [key: string]: JsonValue | undefined;
}

type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

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

interface ReadOptions {
    readonly signal?: AbortSignalLike | undefined;
}

interface RedactOptions {
    readonly allow?: readonly string[] | undefined;
    readonly mask?: readonly string[] | undefined;
}

type SpanKind = 'internal' | 'producer' | 'consumer' | 'client' | 'server';

type SpanRelation = 'produced_by' | 'retry_of' | 'recovered_from' | 'waits_for' | 'scheduled_by' | 'batch' | 'compensates' | 'continues';

interface SpooledBatch {
    readonly events: readonly TraceEvent[];
    done(): Promise<void>;
}

interface StoreCapabilities {
    readonly listTraces?: false | undefined;
    readonly tail?: false | undefined;
    readonly text?: false | undefined;
    readonly linkedTo?: false | undefined;
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

interface ToOtlpOptions {
    readonly lossless?: boolean | undefined;
    readonly open?: 'mark' | 'omit' | undefined;
    readonly now?: number | undefined;
    readonly resource?: JsonObject | undefined;
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

interface TraceListPage {
    readonly traces: readonly TraceSummary[];
    readonly cursor?: string | undefined;
}

interface TraceListQuery {
    readonly status?: 'success' | 'failed' | 'open' | undefined;
    readonly since?: number | undefined;
    readonly until?: number | undefined;
    readonly queue?: string | undefined;
    readonly entityId?: string | undefined;
    readonly tag?: string | undefined;
    readonly eventType?: string | undefined;
    readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
    readonly text?: string | undefined;
    readonly linkedTo?: string | undefined;
    readonly limit?: number | undefined;
    readonly cursor?: string | undefined;
}

interface TraceStore {
    append(events: readonly TraceEvent[]): Promise<AppendResult>;
    getTrace(traceId: string, options?: ReadOptions): Promise<TraceEvent[]>;
    listTraces(query?: TraceListQuery): Promise<TraceListPage>;
    tail(query?: TraceListQuery, options?: ReadOptions): AsyncIterable<TraceEvent>;
    readonly source?: string | undefined;
    readonly capabilities: StoreCapabilities;
    close(): Promise<void>;
    appendSync?(events: readonly TraceEvent[]): AppendResult;
}

interface TraceSummary {
    readonly traceId: string;
    readonly startedAt: number;
    readonly lastAt: number;
    readonly events: number;
    readonly entities: readonly WorkEntity[];
    readonly status: 'success' | 'failed' | 'open';
}

interface WorkEntity {
    readonly system: string;
    readonly queue?: string | undefined;
    readonly name?: string | undefined;
    readonly id: string;
    readonly attempt?: number | undefined;
    readonly maxAttempts?: number | undefined;
}

interface WriterFlushResult extends WriterStats {
    readonly complete: boolean;
    readonly reason?: 'timeout' | 'failed' | undefined;
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
