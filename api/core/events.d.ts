// The public shape of @throughline/core/events. Written by `pnpm api:update`, compared by `pnpm check`.

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

interface Clock {
    now(): number;
    schedule(callback: () => void, delayMs: number, holdsProcess: boolean): () => void;
}

interface CollectTraceOptions extends ReadOptions {
    readonly maxTraces?: number | undefined;
    readonly maxEvents?: number | undefined;
}

interface CollectedTrace {
    readonly events: readonly TraceEvent[];
    readonly traceIds: readonly string[];
    readonly cutOffs: readonly TraceCutOff[];
}

interface EmittedEvent {
    amend(data: TraceEventData): boolean;
}

interface EncodeOptions {
    readonly maxDataBytes?: number | undefined;
}

interface EventSpool {
    append(events: readonly TraceEvent[]): Promise<unknown>;
    appendSync(events: readonly TraceEvent[]): void;
    pending(): AsyncIterable<SpooledBatch>;
}

interface EventType {
    readonly subject: string;
    readonly phase: string;
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

class MemoryTraceStore implements TraceStore {
    #private;
    readonly capabilities: StoreCapabilities;
    constructor({ maxEvents }?: MemoryTraceStoreOptions);
    append(events: readonly TraceEvent[]): Promise<AppendResult>;
    getTrace(traceId: string, { signal }?: ReadOptions): Promise<TraceEvent[]>;
    listTraces(query?: TraceListQuery): Promise<TraceListPage>;
    tail(query?: TraceListQuery, { signal }?: ReadOptions): AsyncIterable<TraceEvent>;
    close(): Promise<void>;
}

interface MemoryTraceStoreOptions {
    readonly maxEvents?: number | undefined;
}

interface ReadOptions {
    readonly signal?: AbortSignalLike | undefined;
}

interface RedactOptions {
    readonly allow?: readonly string[] | undefined;
    readonly mask?: readonly string[] | undefined;
}

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

type TraceEventPhase = 'queued' | 'started' | 'progress' | 'suspended' | 'retrying' | 'completed' | 'failed' | 'canceled' | 'stalled';

type TraceEventReading = {
    readonly event: TraceEvent;
    readonly reason?: undefined;
} | {
    readonly event?: undefined;
    readonly reason: string;
};

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

interface Unfinished {
    readonly span?: boolean;
    readonly entity?: boolean;
}

interface WriterFlushResult extends WriterStats {
    readonly complete: boolean;
    readonly reason?: 'timeout' | 'failed' | undefined;
}

function collectTrace(store: TraceStore, traceId: string, { maxTraces, maxEvents, signal }?: CollectTraceOptions): Promise<CollectedTrace>;

function encodeTraceEvent(event: unknown, { maxDataBytes }?: EncodeOptions): TraceEventReading;

function entityOf({ data }: TraceEvent): StoredEntity | undefined;

function eventId(event: TraceEvent): string;

function formatTimestamp(epochMs: number): string;

function linksOf({ data }: TraceEvent): readonly StoredLink[];

function matchesTraceQuery(summary: TraceSummary, events: readonly TraceEvent[], query: TraceListQuery): boolean;

function pageOfTraces(found: readonly TraceSummary[], { limit, cursor }: TraceListQuery): TraceListPage;

function parseTimestamp(text: string): number;

function parseTraceEvent(value: unknown): TraceEventReading;

function redactText(text: string): string;

function splitEventType(type: string): EventType;

function summarizeTrace(traceId: string, events: readonly TraceEvent[]): TraceSummary;

function textsOf({ data }: TraceEvent): readonly string[];

function unfinishedAfter(event: TraceEvent): Unfinished;

// used above, exported by no one here

interface FlushOptions {
    readonly timeoutMs?: number | undefined;
}

interface JsonObject {
    readonly [key: string]: JsonValue | undefined;
}

type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

type SpanKind = 'internal' | 'producer' | 'consumer' | 'client' | 'server';

type SpanRelation = 'produced_by' | 'retry_of' | 'recovered_from' | 'waits_for' | 'scheduled_by' | 'batch' | 'compensates' | 'continues';

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
