import { context, createContextKey, metrics, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { recordingMeter } from './meter-source.ts';
import { isTracerProviderRegistered } from './tracer-source.ts';

/** One thing that {@link diagnoseOtel} found; the same shape as the findings of `doctor()` of `@throughline/bullmq`. */
export interface OtelFinding {
  /** Stable; messages may change. */
  readonly code: string;
  readonly level: 'error' | 'warning' | 'info';
  readonly about: string;
  readonly message: string;
  readonly fix: string;
}

/** What an API keeps on the global object, by major version. Other copies of the API of that major share it. */
interface ApiGlobal {
  readonly version?: string | undefined;
  readonly [signal: string]: unknown;
}

const about = 'opentelemetry';
const key = createContextKey('throughline.diagnose');

/**
 * Tells what is missing in what the application registered with the OpenTelemetry API: providers, context manager,
 * propagator, and an SDK that is registered with another copy of `@opentelemetry/api`, where this one cannot see it.
 *
 * It looks at globals alone: providers that are given to `createOtelTelemetry` as options need none of them.
 *
 * @example
 * ```ts
 * import { diagnoseOtel } from '@throughline/otel';
 *
 * for (const { code, message, fix } of diagnoseOtel()) console.warn(code, message, fix);
 * ```
 */
export function diagnoseOtel(): readonly OtelFinding[] {
  const registered = (globalThis as Readonly<Record<symbol, ApiGlobal | undefined>>)[apiKey] ?? {};
  const findings: OtelFinding[] = [];
  if (!isTracerProviderRegistered())
    findings.push(
      registered.trace === undefined
        ? missing('no_tracer_provider', 'error', 'No tracer provider is registered', 'nothing is recorded')
        : elsewhere(registered.version),
    );
  if (recordingMeter(metrics.getMeter(about)) === undefined)
    findings.push(
      missing('no_meter_provider', 'warning', 'No meter provider is registered', 'there are no metrics'),
    );
  if (!hasContextManager())
    findings.push(
      missing(
        'no_context_manager',
        'warning',
        'No context manager is registered',
        'work that is started inside a span does not find it, and traces fall apart',
      ),
    );
  if (propagation.fields().length === 0)
    findings.push(
      missing('no_propagator', 'info', 'No propagator is registered', 'W3C Trace Context is used'),
    );
  return findings;
}

const apiKey = Symbol.for('opentelemetry.js.api.1');

function hasContextManager(): boolean {
  return context.with(ROOT_CONTEXT.setValue(key, true), () => context.active().getValue(key) === true);
}

function missing(code: string, level: OtelFinding['level'], what: string, consequence: string): OtelFinding {
  return {
    code,
    level,
    about,
    message: `${what} with the OpenTelemetry API: ${consequence}.`,
    fix: 'Register an SDK at the start of the process: NodeSDK#start(), or the register() of a provider.',
  };
}

function elsewhere(version: string | undefined): OtelFinding {
  return {
    code: 'otel_api_copies',
    level: 'error',
    about,
    message: `An SDK is registered with @opentelemetry/api ${version}, and the copy that @throughline/otel uses does not accept what that one registers.`,
    fix: '`npm ls @opentelemetry/api` shows the copies; raise the older one.',
  };
}
