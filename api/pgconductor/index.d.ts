// The public shape of @throughline/pgconductor. Written by `pnpm api:update`, compared by `pnpm check`.

interface Attributed {
    readonly attributes: Attributes;
}

type Backoff = {
    readonly type: 'exponential';
    readonly delayMs: number;
    readonly factor: number;
    readonly maxDelayMs: number;
    readonly jitter: number;
} | {
    readonly type: 'list';
    readonly delaysMs: readonly number[];
    readonly jitter: number;
} | {
    readonly type: 'function';
    readonly delayOf: (failure: Failure) => number;
};

type BackoffSetting = FixedBackoff | ExponentialBackoff | readonly number[] | ((failure: Failure) => number);

interface BatchContext<Types extends ConductorTypes = ConductorTypes> extends HandlerContext<Types> {
    readonly executions: readonly BatchedExecution[];
}

type BatchHandler<Types extends ConductorTypes, Name extends string, Given extends Triggers<Types>> = (events: readonly TaskEvent<Types, Name, Given>[], ctx: BatchContext<Types> & Types['context']) => BatchResults<ReturnOf<Types, Name>> | Promise<BatchResults<ReturnOf<Types, Name>>>;

class BatchResultInvalidError extends ThroughlineError {
    readonly task: string;
    constructor(task: string, expected: number, received: unknown);
    get name(): string;
}

interface BatchSetting {
    readonly size: number;
    readonly timeoutMs?: number | undefined;
}

interface BatchedExecution {
    readonly executionId: string;
    readonly attempt: number;
}

interface CancelOptions {
    readonly reason?: string | undefined;
}

interface CancelSeen extends Attributed {
    readonly latencyMs: number;
}

class CanceledError extends ThroughlineError {
    readonly reason: string;
    constructor(reason: string);
    get name(): string;
}

class ChildFailedError extends ThroughlineError {
    readonly task: string;
    readonly executionId: string;
    readonly error: StoredError;
    constructor(task: string, executionId: string, error: StoredError);
    get name(): string;
}

interface ChildOptions {
    readonly timeoutMs?: number | undefined;
    readonly priority?: number | undefined;
}

class Conductor<Types extends ConductorTypes = ConductorTypes> {
    #private;
    readonly createTask: CreateTask<Types>;
    readonly invoke: InvokeTask<Types, InvokeOptions & InvokeManyOptions, InvokeManyOptions>;
    static create<const Options extends ConductorOptions>(options: Options): Conductor<TypesOf<Options>>;
    private constructor();
    emit<Name extends EventName<Types>>(event: Name, ...[payload, options]: PayloadArgument<EventPayloadOf<Types, Name>, EmitOptions>): Promise<void>;
    schedule<Name extends TaskName<Types>>(task: TaskReference<Name>, schedule: ScheduleOptions, ...[payload]: PayloadArgument<PayloadOf<Types, Name>>): Promise<void>;
    unschedule<Name extends TaskName<Types>>(task: TaskReference<Name>, schedule: string): Promise<boolean>;
    cancel(executionId: string, options?: CancelOptions): Promise<boolean>;
    get(executionId: string): Promise<ExecutionRecord | undefined>;
    migrate(): Promise<readonly string[]>;
    close(): Promise<void>;
}

interface ConductorOptions extends ConductorSchemas, DatabaseOptions {
    readonly logger?: Logger | undefined;
    readonly maxPayloadBytes?: number | undefined;
    readonly migrate?: boolean | undefined;
    readonly telemetry?: Partial<Telemetry> | undefined;
    readonly telemetryOptions?: TelemetryOptions | undefined;
}

interface ConductorSchemas {
    readonly tasks?: readonly TaskDefinition[] | undefined;
    readonly events?: readonly EventDefinition[] | undefined;
    readonly context?: object | undefined;
    readonly database?: Typed<object> | undefined;
}

interface ConductorTypes {
    readonly tasks: TaskDefinition;
    readonly events: EventDefinition;
    readonly context: object;
    readonly database: object;
}

type CreateTask<Types extends ConductorTypes = ConductorTypes> = <const Name extends string, const Given extends Triggers<Types>, const Batch extends BatchSetting | undefined = undefined>(settings: TaskSettings<Name, Batch>, triggers: Given, handler: HandlerOf<Types, Name, Given, Batch>) => Task<Name>;

interface CronOccurrence {
    readonly schedule: string;
    readonly dueAt: string;
}

interface CronSchedule {
    readonly expression: string;
    readonly timeZone: string;
    next(after: number): number | undefined;
}

interface CronTrigger {
    readonly cron: string;
    readonly name: string;
    readonly timeZone?: string | undefined;
}

interface DatabaseOptions {
    readonly connectionString?: string | undefined;
    readonly sql?: SqlPool | undefined;
    readonly schema?: string | undefined;
}

interface DatabaseQuery extends Attributed {
    readonly label: string;
    readonly durationMs: number;
    readonly retries: number;
}

class DatabaseUnavailableError extends ThroughlineError {
    readonly operation: string;
    readonly wasSent: boolean;
    readonly reason: UnavailableReason;
    constructor(operation: string, wasSent: boolean, cause: unknown);
    get name(): string;
}

interface DebounceOptions {
    readonly delayMs: number;
    readonly key?: string | undefined;
}

interface EmitOptions {
    readonly sql?: SqlClient | undefined;
}

interface EventDefinition<Name extends string = string, Payload extends StandardSchema = StandardSchema> {
    readonly name: Name;
    readonly payload: Payload | undefined;
}

interface EventDefinitionOptions<Name extends string, Payload extends StandardSchema> {
    readonly name: Name;
    readonly payload?: Payload | undefined;
}

type EventName<Types extends ConductorTypes> = Types['events']['name'];

type EventPayloadOf<Types extends ConductorTypes, Name extends string> = SchemaInput<PayloadSchema<NamedIn<Types['events'], Name>>>;

type EventTrigger<Types extends ConductorTypes = ConductorTypes> = string extends Types['events']['name'] ? EventTriggerOf<string, string> : OneEventTrigger<Types, Types['events']['name']>;

interface EventTriggerOf<Name extends string, Field extends string> {
    readonly event: Name;
    readonly when?: string | undefined;
    readonly fields?: readonly Field[] | undefined;
}

interface ExecutionRecord {
    readonly id: string;
    readonly task: string;
    readonly queue: string;
    readonly state: ExecutionState;
    readonly attempt: number;
    readonly failures: number;
    readonly priority: number;
    readonly parent: string | undefined;
    readonly dedupeKey: string | undefined;
    readonly event: string;
    readonly enqueuedAt: Date;
    readonly runAt: Date | undefined;
    readonly finishedAt: Date | undefined;
    readonly payload: unknown;
    readonly result: unknown;
    readonly error: Readonly<Record<string, unknown>> | undefined;
}

type ExecutionState = 'ready' | 'running' | 'scheduled' | 'sleeping' | 'waiting' | 'gated' | 'succeeding' | 'completed' | 'failed' | 'canceled';

type ExecutionStatus = 'completed' | 'failed' | 'released' | 'permanently_failed' | 'invoke_child' | 'wait' | 'canceled' | 'lost';

class ExecutionTimeoutError extends ThroughlineError {
    readonly timeoutMs: number;
    constructor(task: string, timeoutMs: number);
    get name(): string;
}

interface ExponentialBackoff {
    readonly type: 'exponential';
    readonly delayMs?: number | undefined;
    readonly factor?: number | undefined;
    readonly maxDelayMs?: number | undefined;
    readonly jitter?: number | undefined;
}

interface Failure {
    readonly failures: number;
    readonly error: unknown;
}

interface FixedBackoff {
    readonly type: 'fixed';
    readonly delayMs: number;
    readonly jitter?: number | undefined;
}

interface HandlerContext<Types extends ConductorTypes = ConductorTypes> {
    readonly logger: Logger;
    readonly signal: AbortSignal;
    readonly trace: TraceContext;
    emit<Name extends EventName<Types>>(event: Name, payload: EventPayloadOf<Types, Name>): Promise<void>;
    schedule<Name extends TaskName<Types>>(task: TaskReference<Name>, schedule: ScheduleOptions, ...payload: PayloadArgument<PayloadOf<Types, Name>>): Promise<void>;
    unschedule<Name extends TaskName<Types>>(task: TaskReference<Name>, schedule: string): Promise<boolean>;
    cancel(executionId: string, options?: CancelOptions): Promise<boolean>;
}

type HandlerOf<Types extends ConductorTypes, Name extends string, Given extends Triggers<Types>, Batch extends BatchSetting | undefined> = [
    Batch
] extends [
    BatchSetting
] ? BatchHandler<Types, Name, Given> : TaskHandler<Types, Name, Given>;

interface InvocableTrigger {
    readonly invocable: true;
}

type InvokeItem<Payload, Options extends object> = Options & (undefined extends Payload ? {
    readonly payload?: Payload;
} : {
    readonly payload: Payload;
});

interface InvokeManyOptions {
    readonly sql?: SqlClient | undefined;
}

interface InvokeOptions {
    readonly runAt?: Date | undefined;
    readonly delayMs?: number | undefined;
    readonly priority?: number | undefined;
    readonly dedupeKey?: string | undefined;
    readonly throttle?: ThrottleOptions | undefined;
    readonly debounce?: DebounceOptions | undefined;
    readonly trace?: TraceContext | undefined;
    readonly relation?: Relation | undefined;
}

interface InvokeTask<Types extends ConductorTypes, Options extends object, ManyOptions extends object> {
    <const Name extends TaskName<Types>>(task: TaskReference<Name>, items: readonly InvokeItem<PayloadOf<Types, Name>, Options>[], options?: ManyOptions | undefined): Promise<(string | null)[]>;
    <const Name extends TaskName<Types>, Given>(task: TaskReference<Name>, payload: Given & AnyButLists<PayloadOf<Types, Name>, Given>, options?: Options | undefined): Promise<unknown extends Given ? string | null | (string | null)[] : string | null>;
    <const Name extends TaskName<Types>>(task: TaskReference<Name>, ...payload: PayloadArgument<NoList<PayloadOf<Types, Name>>, Options>): Promise<string | null>;
}

class LeaseLostError extends ThroughlineError {
    constructor();
    get name(): string;
}

type LogFields = Readonly<Record<string, unknown>>;

interface Logger {
    debug(message: string, fields?: LogFields): void;
    info(message: string, fields?: LogFields): void;
    warn(message: string, fields?: LogFields): void;
    error(message: string, fields?: LogFields): void;
    child?(fields: LogFields): Logger;
}

class NonRetryableError extends ThroughlineError {
    constructor(message: string, options?: {
        readonly cause?: unknown;
    });
    get name(): string;
}

class Orchestrator {
    #private;
    static create(options: OrchestratorOptions): Orchestrator;
    private constructor();
    start(): Promise<void>;
    drain(): Promise<void>;
    stop({ graceMs }?: StopOptions): Promise<void>;
}

interface OrchestratorOptions {
    readonly conductor: Pick<Conductor, 'cancel' | 'close'>;
    readonly tasks: readonly Task[];
    readonly queues?: readonly string[] | undefined;
    readonly concurrency?: number | undefined;
    readonly batchSize?: number | undefined;
    readonly pollMs?: number | undefined;
    readonly leaseMs?: number | undefined;
}

type PayloadArgument<Payload, Options = never> = undefined extends Payload ? [
    payload?: Payload,
    ...options: OptionsArgument<Options>
] : [
    payload: Payload,
    ...options: OptionsArgument<Options>
];

class PayloadInvalidError extends ThroughlineError {
    readonly of: string;
    readonly issues: string;
    constructor(kind: 'task' | 'event', of: string, issues: string);
    get name(): string;
}

type PayloadOf<Types extends ConductorTypes, Name extends string> = SchemaInput<PayloadSchema<NamedIn<Types['tasks'], Name>>>;

type ReceivedEventOf<Types extends ConductorTypes, Name extends string> = SchemaOutput<PayloadSchema<NamedIn<Types['events'], Name>>>;

type ReceivedPayloadOf<Types extends ConductorTypes, Name extends string> = SchemaOutput<PayloadSchema<NamedIn<Types['tasks'], Name>>>;

interface RelatedTask {
    readonly name: string;
    readonly queue: string;
    readonly payload: unknown;
}

// Relation is another package's

type RelationSetting = RelationSetting$1<RelatedTask>;

class ReleasedError extends ThroughlineError {
    constructor();
    get name(): string;
}

interface RemainingWorker {
    readonly id: string;
    readonly host: string;
    readonly pid: number;
    readonly schemaVersion: string;
}

interface ResolvedTaskSettings {
    readonly name: string;
    readonly queue: string | undefined;
    readonly maxAttempts: number;
    readonly backoff: Backoff;
    readonly concurrency: number | undefined;
    readonly concurrencyKey: readonly string[] | undefined;
    readonly window: ResolvedTimeWindow | undefined;
    readonly batch: {
        readonly size: number;
        readonly timeoutMs: number;
    } | undefined;
    readonly timeoutMs: number | undefined;
    readonly keepCompletedMs: number;
    readonly keepFailedMs: number;
}

interface ResolvedTimeWindow {
    readonly startMinute: number;
    readonly endMinute: number;
    readonly timeZone: string;
    readonly days: readonly number[];
    isOpen(at: number): boolean;
    nextOpening(at: number): number;
}

type ResolvedTrigger = {
    readonly kind: 'invoke';
    readonly eventName: string;
} | {
    readonly kind: 'cron';
    readonly eventName: string;
    readonly schedule: CronSchedule;
} | {
    readonly kind: 'event';
    readonly eventName: string;
    readonly when: string | undefined;
    readonly fields: readonly string[] | undefined;
} | {
    readonly kind: 'row';
    readonly eventName: string;
    readonly schema: string;
    readonly table: string;
    readonly operation: RowOperation;
    readonly when: string | undefined;
    readonly columns: readonly string[] | undefined;
};

class ResultInvalidError extends ThroughlineError {
    readonly task: string;
    readonly issues: string;
    constructor(task: string, issues: string);
    get name(): string;
}

type ResultOf<Types extends ConductorTypes, Name extends string> = Stored<ReturnOf<Types, Name>>;

type Retention = boolean | {
    readonly days: number;
};

type ReturnOf<Types extends ConductorTypes, Name extends string> = SchemaInput<ReturnsSchema<NamedIn<Types['tasks'], Name>>>;

interface RowChange<Operation extends RowOperation, Row> {
    readonly old: Operation extends 'insert' ? null : Row;
    readonly new: Operation extends 'delete' ? null : Row;
}

type RowOperation = 'insert' | 'update' | 'delete';

type RowTrigger<Types extends ConductorTypes = ConductorTypes> = keyof Types['database'] extends never ? RowTriggerOf<string, string, string> : OneRowTrigger<Types['database'], keyof Types['database'] & string>;

interface RowTriggerOf<Schema extends string, Table extends string, Column extends string> {
    readonly schema: Schema;
    readonly table: Table;
    readonly operation: RowOperation;
    readonly when?: string | undefined;
    readonly columns?: readonly Column[] | undefined;
}

interface ScheduleOptions {
    readonly name: string;
    readonly cron: string;
    readonly timeZone?: string | undefined;
}

type SchemaAnswer<Output> = {
    readonly value: Output;
    readonly issues?: undefined;
} | {
    readonly issues: readonly SchemaIssue[];
};

type SchemaInput<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['input'];

interface SchemaIssue {
    readonly message: string;
    readonly path?: readonly (PropertyKey | {
        readonly key: PropertyKey;
    })[] | undefined;
}

class SchemaMissingError extends ThroughlineError {
    readonly schema: string;
    constructor(schema: string, cause: unknown, remains?: SchemaRemains | undefined);
    get name(): string;
}

type SchemaOutput<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['output'];

interface SqlClient {
    unsafe(query: string, parameters?: string[] | undefined, options?: {
        prepare?: boolean | undefined;
    } | undefined): PromiseLike<readonly Readonly<Record<string, unknown>>[]>;
}

interface SqlPool extends SqlClient {
    readonly options: object;
    begin<T>(work: (transaction: SqlClient) => Promise<T>): Promise<unknown>;
    end(options?: {
        timeout?: number | undefined;
    } | undefined): Promise<void>;
}

interface StandardSchema<Input = unknown, Output = Input> {
    readonly '~standard': {
        readonly version: 1;
        readonly vendor: string;
        readonly validate: (value: unknown) => SchemaAnswer<Output> | Promise<SchemaAnswer<Output>>;
        readonly types?: {
            readonly input: Input;
            readonly output: Output;
        } | undefined;
    };
}

interface StepDone extends Attributed {
    readonly task: string;
    readonly step: string;
    readonly durationMs: number | undefined;
}

class StepMismatchError extends ThroughlineError {
    readonly step: string;
    constructor(step: string, before: StepKind, now: StepKind);
    get name(): string;
}

class StepNestedError extends ThroughlineError {
    readonly step: string;
    constructor(step: string, what: string);
    get name(): string;
}

class StepRepeatedError extends ThroughlineError {
    readonly step: string;
    constructor(step: string, kind: StepKind);
    get name(): string;
}

interface StopOptions {
    readonly graceMs?: number | undefined;
}

type Stored<T> = unknown extends T ? T : T extends string | number | boolean | null | undefined ? T : T extends {
    toJSON(...unused: never): infer Json;
} ? Stored<Json> : T extends bigint | symbol | ((...unused: never) => unknown) ? never : T extends readonly unknown[] ? {
    [Index in keyof T]: Stored<T[Index]>;
} : T extends object ? {
    [Key in keyof T as Key extends symbol ? never : KeptKey<T, Key>]: Stored<T[Key]>;
} : undefined;

interface Task<Name extends string = string> {
    readonly name: Name;
    readonly queue: string;
    readonly settings: ResolvedTaskSettings;
    readonly triggers: readonly ResolvedTrigger[];
    readonly definition: TaskDefinition | undefined;
    readonly handler: (event: never, context: never) => unknown;
}

interface TaskContext<Types extends ConductorTypes = ConductorTypes> extends HandlerContext<Types> {
    readonly executionId: string;
    readonly attempt: number;
    step<Result>(name: string, work: () => Result | Promise<Result>): Promise<Stored<Result>>;
    sleep(name: string, until: number | Date): Promise<void>;
    checkpoint(): Promise<void>;
    invoke<Name extends TaskName<Types>>(name: string, task: TaskReference<Name>, ...payload: PayloadArgument<PayloadOf<Types, Name>, ChildOptions>): Promise<ResultOf<Types, Name>>;
    waitForEvent<Name extends EventName<Types>>(name: string, options: WaitForEventOptions<Types, Name>): Promise<ReceivedEventOf<Types, Name>>;
}

interface TaskDefinition<Name extends string = string, Payload extends StandardSchema = StandardSchema, Returns extends StandardSchema = StandardSchema> {
    readonly name: Name;
    readonly queue: string;
    readonly payload: Payload | undefined;
    readonly returns: Returns | undefined;
}

interface TaskDefinitionOptions<Name extends string, Payload extends StandardSchema, Returns extends StandardSchema> {
    readonly name: Name;
    readonly queue?: string | undefined;
    readonly payload?: Payload | undefined;
    readonly returns?: Returns | undefined;
}

type TaskEvent<Types extends ConductorTypes, Name extends string, Given extends Triggers<Types>> = EventOf<Types, Name, Given extends readonly (infer One)[] ? One : Given>;

type TaskHandler<Types extends ConductorTypes, Name extends string, Given extends Triggers<Types>> = (event: TaskEvent<Types, Name, Given>, ctx: TaskContext<Types> & Types['context']) => ReturnOf<Types, Name> | Promise<ReturnOf<Types, Name>>;

type TaskName<Types extends ConductorTypes> = Types['tasks']['name'];

interface TaskReference<Name extends string = string> {
    readonly name: Name;
}

interface TaskSettings<Name extends string = string, Batch extends BatchSetting | undefined = BatchSetting | undefined> {
    readonly name: Name;
    readonly queue?: string | undefined;
    readonly maxAttempts?: number | undefined;
    readonly backoff?: BackoffSetting | undefined;
    readonly concurrency?: number | undefined;
    readonly concurrencyKey?: string | undefined;
    readonly window?: TimeWindow | undefined;
    readonly batch?: Batch | undefined;
    readonly timeoutMs?: number | undefined;
    readonly removeOnComplete?: Retention | undefined;
    readonly removeOnFail?: Retention | undefined;
}

interface TasksSent extends Attributed {
    readonly count: number;
    readonly durationMs: number;
}

interface TelemetryOptions {
    readonly relation?: RelationSetting | undefined;
    readonly bulkThreshold?: number | undefined;
    readonly delayThresholdMs?: number | undefined;
    readonly errorMessages?: boolean | undefined;
    readonly depthIntervalMs?: number | undefined;
}

interface ThrottleOptions {
    readonly windowMs: number;
    readonly key?: string | undefined;
}

interface TimeWindow {
    readonly start: string;
    readonly end: string;
    readonly timeZone?: string | undefined;
    readonly days?: readonly Weekday[] | undefined;
}

type Trigger<Types extends ConductorTypes = ConductorTypes> = InvocableTrigger | CronTrigger | EventTrigger<Types> | RowTrigger<Types>;

class TriggerInvalidError extends ThroughlineError {
    readonly task: string;
    readonly trigger: string;
    constructor(task: string, trigger: string, problem: string, cause: unknown);
    get name(): string;
}

interface TriggeredEvent<Name extends string, Payload> {
    readonly name: Name;
    readonly payload: Payload;
}

type Triggers<Types extends ConductorTypes = ConductorTypes> = Trigger<Types> | readonly Trigger<Types>[];

interface Typed<T> extends StandardSchema<T> {
}

interface TypesOf<Schemas extends ConductorSchemas> extends ConductorTypes {
    readonly tasks: OneOf<Schemas['tasks'], TaskDefinition>;
    readonly events: OneOf<Schemas['events'], EventDefinition>;
    readonly context: Schemas['context'] extends object ? Schemas['context'] : object;
    readonly database: Schemas['database'] extends Typed<infer Database extends object> ? Database : object;
}

type UnavailableReason = 'login-refused' | 'not-allowed' | 'tls-demanded' | 'tls-failed' | 'database-missing' | 'connections-exhausted' | 'starting' | 'host-unknown' | 'refused' | 'unreachable' | 'silent' | 'broken' | 'busy' | 'closed';

type Validation<Output> = {
    readonly isValid: true;
    readonly value: Output;
} | {
    readonly isValid: false;
    readonly issues: string;
};

class ValueUnstorableError extends ThroughlineError {
    constructor(what: string, problem: string, cause?: unknown);
    get name(): string;
}

interface WaitForEventOptions<Types extends ConductorTypes, Name extends EventName<Types>> {
    readonly event: Name;
    readonly matching?: Partial<EventPayloadOf<Types, Name>> | undefined;
    readonly timeoutMs?: number | undefined;
}

class WaitTimeoutError extends ThroughlineError {
    readonly step: string;
    constructor(step: string, awaited: string);
    get name(): string;
}

type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

interface WorkerExecution extends Attributed {
    readonly queue: string;
    readonly task: string;
    readonly executionId: string;
    readonly durationMs: number;
    readonly handlerMs: number;
    readonly attempt: number;
    readonly status: ExecutionStatus;
    readonly taskAttributes: Attributes;
    readonly waitAttributes: Attributes;
    readonly error: unknown;
    readonly waitMs: number;
    readonly delayMs: number | undefined;
    readonly backoffMs: number | undefined;
    readonly cronLagMs: number | undefined;
}

interface WorkerFetch extends Attributed {
    readonly queue: string;
    readonly count: number;
    readonly durationMs: number;
}

interface WorkerFlush extends Attributed {
    readonly queue: string | undefined;
    readonly count: number;
    readonly durationMs: number;
}

class WorkerOutdatedError extends ThroughlineError {
    constructor(cause: unknown);
    get name(): string;
}

interface WorkerRecovery extends Attributed {
    readonly count: number;
}

class WorkersRemainError extends ThroughlineError {
    readonly migration: string;
    readonly workers: readonly RemainingWorker[];
    constructor(migration: string, workers: readonly RemainingWorker[]);
    get name(): string;
}

const cancelSeen: TelemetryEventKind<CancelSeen>;

const databaseQuery: TelemetryEventKind<DatabaseQuery>;

function defineEvent<const Name extends string, Payload extends StandardSchema = StandardSchema>(options: EventDefinitionOptions<Name, Payload>): EventDefinition<Name, Payload>;

function defineTask<const Name extends string, Payload extends StandardSchema = StandardSchema, Returns extends StandardSchema = StandardSchema>(options: TaskDefinitionOptions<Name, Payload, Returns>): TaskDefinition<Name, Payload, Returns>;

const queuesNotCounted: TelemetryEventKind<Attributed>;

const stepDone: TelemetryEventKind<StepDone>;

const tasksSent: TelemetryEventKind<TasksSent>;

function typed<T>(): Typed<T>;

function validatePayload<Output>(schema: StandardSchema<unknown, Output> | undefined, value: unknown): Validation<Output> | Promise<Validation<Output>>;

function withTrace<Client extends SqlClient, Result>(sql: Client, context: TraceContext | undefined, work: (sql: Client extends SqlPool ? SqlClient : Client) => PromiseLike<Result>): Promise<Result>;

const workerExecution: TelemetryEventKind<WorkerExecution>;

const workerFetch: TelemetryEventKind<WorkerFetch>;

const workerFlush: TelemetryEventKind<WorkerFlush>;

const workerRecovery: TelemetryEventKind<WorkerRecovery>;

// used above, exported by no one here

type AnyButLists<Payload, Given> = unknown extends Payload ? unknown extends Given ? unknown : IfNone<Extract<Given, readonly unknown[]>> : never;

type AnyRow = Readonly<Record<string, unknown>>;

type BatchResults<Result> = readonly (Result | Error)[] | void;

type ColumnsOf<Row, Trigger> = Trigger extends {
    readonly columns: readonly (infer Column)[];
} ? Part<Row, Column> : Row;

type EventOf<Types extends ConductorTypes, Name extends string, Trigger> = Trigger extends InvocableTrigger ? TriggeredEvent<typeof invokeEventName, ReceivedPayloadOf<Types, Name>> : Trigger extends {
    readonly cron: string;
    readonly name: infer Cron extends string;
} ? TriggeredEvent<Cron, CronOccurrence> : Trigger extends {
    readonly event: infer Event extends string;
} ? TriggeredEvent<Event, FieldsOf<Types, Event, Trigger>> : RowEventOf<Types, Trigger>;

type FieldOf<T> = unknown extends T ? string : T extends object ? keyof T & string : never;

type FieldsOf<Types extends ConductorTypes, Event extends string, Trigger> = Trigger extends {
    readonly fields: readonly (infer Field)[];
} ? Part<Stored<EventPayloadOf<Types, Event>>, Field> : ReceivedEventOf<Types, Event>;

type IfNone<Lists> = [
    Lists
] extends [
    never
] ? unknown : never;

type KeptKey<T, Key extends keyof T> = T[Key] extends symbol | ((...unused: never) => unknown) ? never : Key;

type NamedIn<Definitions extends {
    readonly name: string;
}, Name extends string> = Extract<Definitions, {
    readonly name: Name;
}>;

type NoList<Payload> = unknown extends Payload ? undefined : Payload extends readonly unknown[] ? never : Payload;

type OneEventTrigger<Types extends ConductorTypes, Name extends string> = Name extends string ? EventTriggerOf<Name, FieldOf<EventPayloadOf<Types, Name>>> : never;

type OneOf<List, Any> = List extends readonly [
] ? Any : List extends readonly (infer One extends Any)[] ? One : Any;

type OneRowTrigger<Database, Schema extends keyof Database & string> = Schema extends string ? OneTableTrigger<Database, Schema, keyof Database[Schema] & string> : never;

type OneTableTrigger<Database, Schema extends keyof Database & string, Table extends keyof Database[Schema] & string> = Table extends string ? RowTriggerOf<Schema, Table, FieldOf<Database[Schema][Table]>> : never;

type OptionsArgument<Options> = [
    Options
] extends [
    never
] ? [
] : [
    options?: Options | undefined
];

type Part<Whole, Field> = unknown extends Whole ? unknown : Pick<Whole, Field & keyof Whole>;

type PayloadSchema<Definition> = SchemaAt<Definition, 'payload'>;

type ReturnsSchema<Definition> = SchemaAt<Definition, 'returns'>;

type RowEvent<Schema extends string, Table extends string, Operation extends RowOperation, Row> = Operation extends RowOperation ? TriggeredEvent<`${Schema}.${Table}.${Operation}`, RowChange<Operation, Row>> : never;

type RowEventOf<Types extends ConductorTypes, Trigger> = Trigger extends {
    readonly schema: infer Schema extends string;
    readonly table: infer Table extends string;
    readonly operation: infer Operation extends RowOperation;
} ? RowEvent<Schema, Table, Operation, ColumnsOf<RowOf<Types['database'], Schema, Table>, Trigger>> : never;

type RowOf<Database, Schema extends string, Table extends string> = Schema extends keyof Database ? Table extends keyof Database[Schema] ? Stored<Database[Schema][Table]> : AnyRow : AnyRow;

type SchemaAt<Definition, Field extends string> = [
    Definition
] extends [
    never
] ? StandardSchema : Definition extends Readonly<Record<Field, infer Schema>> ? Extract<Schema, StandardSchema> : StandardSchema;

type SchemaRemains = 'none' | 'empty' | 'behind';

type StepKind = 'step' | 'sleep' | 'child' | 'event';

const invokeEventName = "pgconductor.invoke";
