// The public shape of @throughline/bullmq/sandbox. Written by `pnpm api:update`, compared by `pnpm check`.

type TelemetrySource = Partial<Telemetry> | Telemetry$1 | undefined;

interface TraceableJob {
    readonly opts?: CarryingOptions | undefined;
}

function currentJobTrace(job: TraceableJob): TraceContext | undefined;

function sandboxProcessor<Processor extends (job: any, token: string, signal: AbortSignal) => unknown>(processor: Processor, telemetry: TelemetrySource): Processor;

// used above, exported by no one here

interface CarryingOptions {
    readonly telemetry?: JobTelemetryOptions | undefined;
}

interface JobTelemetryOptions {
    readonly metadata?: string | undefined;
    readonly omitContext?: boolean | undefined;
}
