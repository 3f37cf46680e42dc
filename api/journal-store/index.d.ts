// The public shape of @throughline/journal-store. Written by `pnpm api:update`, compared by `pnpm check`.

interface JournalHealth {
    readonly damagedLines: number;
    readonly tornBytes: number;
}

class JournalNotAJournalError extends ThroughlineError {
    readonly directory: string;
    constructor(directory: string, found: string, options?: {
        readonly cause?: unknown;
    });
}

class JournalNotWritableError extends ThroughlineError {
    readonly directory: string;
    constructor(directory: string, cause: NodeJS.ErrnoException);
}

class JournalStore implements TraceStore {
    #private;
    readonly capabilities: StoreCapabilities;
    readonly source: string;
    constructor(directory: string, sync: JournalSync);
    append(events: readonly TraceEvent[]): Promise<AppendResult>;
    getTrace(traceId: string, { signal }?: ReadOptions): Promise<TraceEvent[]>;
    listTraces(query?: TraceListQuery): Promise<TraceListPage>;
    tail(): AsyncIterable<TraceEvent>;
    health(): JournalHealth;
    close(): Promise<void>;
}

interface JournalStoreOptions {
    readonly directory: string;
    readonly sync?: JournalSync | undefined;
}

type JournalSync = 'batch' | 'none';

function openJournalStore(options: JournalStoreOptions): Promise<JournalStore>;
