// The public shape of @throughline/otel. Written by `pnpm api:update`, compared by `pnpm check`.

interface OtelFinding {
    readonly code: string;
    readonly level: 'error' | 'warning' | 'info';
    readonly about: string;
    readonly message: string;
    readonly fix: string;
}

interface OtelTelemetryOptions {
    readonly tracer?: Tracer | undefined;
    readonly meter?: Meter | undefined;
    readonly tracerProvider?: TracerProvider | undefined;
    readonly meterProvider?: MeterProvider | undefined;
    readonly scope?: string | undefined;
    readonly scopeVersion?: string | undefined;
    readonly propagator?: 'global' | 'w3c' | TextMapPropagator | undefined;
    readonly successStatus?: 'ok' | 'unset' | undefined;
    readonly recordExceptions?: boolean | undefined;
    readonly recordStacks?: boolean | undefined;
    readonly metrics?: boolean | undefined;
    readonly forceFlush?: (() => Promise<unknown>) | undefined;
    readonly importSpans?: ((spans: readonly FinishedSpan[]) => void) | undefined;
}

function createOtelTelemetry(options?: OtelTelemetryOptions): Telemetry;

function createPgConductorTelemetry(options?: Omit<OtelTelemetryOptions, 'scope'>): Telemetry;

function diagnoseOtel(): readonly OtelFinding[];
