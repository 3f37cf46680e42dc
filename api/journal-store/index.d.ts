// The public shape of @throughline/journal-store. Written by `pnpm api:update`, compared by `pnpm check`.

interface CrashFlushed {
    spoolSync(): unknown;
}

interface DeletedSegments {
    readonly segments: number;
    readonly bytes: number;
    readonly failedPasses: number;
}

interface JournalHealth {
    readonly damagedLines: number;
    readonly tornBytes: number;
    readonly damaged: readonly SegmentDamage[];
    readonly segments: number;
    readonly deleted: DeletedSegments;
    readonly failedSyncs: number;
}

class JournalNotAJournalError extends ThroughlineError {
    readonly directory: string;
    constructor(directory: string, what: 'journal' | 'spool', found: string, options?: {
        readonly cause?: unknown;
    });
}

class JournalNotWritableError extends ThroughlineError {
    readonly directory: string;
    readonly retryable = true;
    constructor(directory: string, cause: NodeJS.ErrnoException);
}

interface JournalRetention {
    readonly maxAgeMs?: number | undefined;
    readonly maxBytes?: number | undefined;
}

class JournalSpool implements EventSpool {
    #private;
    constructor(options: JournalSpoolOptions);
    append(events: readonly TraceEvent[]): Promise<void>;
    appendSync(events: readonly TraceEvent[]): void;
    pending(): AsyncGenerator<SpooledBatch>;
    health(): JournalSpoolHealth;
    close(): Promise<void>;
}

interface JournalSpoolHealth {
    readonly segments: number;
    readonly bytes: number;
    readonly damagedLines: number;
}

interface JournalSpoolOptions {
    readonly directory: string;
    readonly maxBytes?: number | undefined;
    readonly sync?: JournalSync | undefined;
    readonly segmentBytes?: number | undefined;
    readonly batchEvents?: number | undefined;
    readonly foreignAfterMs?: number | undefined;
}

class JournalStore implements TraceStore {
    #private;
    readonly capabilities: StoreCapabilities;
    readonly source: string;
    constructor(options: JournalStoreOptions);
    append(events: readonly TraceEvent[]): Promise<AppendResult>;
    appendSync(events: readonly TraceEvent[]): AppendResult;
    getTrace(traceId: string, options?: ReadOptions): Promise<TraceEvent[]>;
    listTraces(query?: TraceListQuery): Promise<TraceListPage>;
    tail(query?: TraceListQuery, { signal }?: ReadOptions): AsyncIterable<TraceEvent>;
    health(): JournalHealth;
    close(): Promise<void>;
}

interface JournalStoreOptions {
    readonly directory: string;
    readonly sync?: JournalSync | undefined;
    readonly segmentBytes?: number | undefined;
    readonly retention?: JournalRetention | undefined;
}

type JournalSync = 'batch' | 'interval' | 'none';

interface SegmentDamage {
    readonly segment: string;
    readonly damagedLines: number;
    readonly tornBytes: number;
}

function flushOnCrash(writer: CrashFlushed): () => void;

function openJournalSpool(options: JournalSpoolOptions): Promise<JournalSpool>;

function openJournalStore(options: JournalStoreOptions): Promise<JournalStore>;
