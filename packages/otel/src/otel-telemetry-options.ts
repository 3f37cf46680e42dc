import type { Meter, MeterProvider, TextMapPropagator, Tracer, TracerProvider } from '@opentelemetry/api';
import { type FinishedSpan, OptionInvalidError } from '@throughline/core';

/** Options of `createOtelTelemetry`. Everything is optional: without any, whatever is registered globally is used. */
export interface OtelTelemetryOptions {
  /**
   * The tracer that starts all spans. Wins over `tracerProvider` and over what is registered globally.
   * @default the tracer named `scope` of whichever provider is registered at each call
   */
  readonly tracer?: Tracer | undefined;
  /** The meter that makes all instruments. Wins over `meterProvider`. @default like `tracer` */
  readonly meter?: Meter | undefined;
  /** Gives the tracer when `tracer` is absent, and is asked to flush. @default the global provider */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Gives the meter when `meter` is absent, and is asked to flush. @default the global provider */
  readonly meterProvider?: MeterProvider | undefined;
  /** Name of the instrumentation scope. @default '@throughline/otel' */
  readonly scope?: string | undefined;
  /** Version of the instrumentation scope. @default none */
  readonly scopeVersion?: string | undefined;
  /**
   * Who writes and reads carriers. `'global'` is the registered propagator, and W3C Trace Context while none is
   * registered; `'w3c'` is always W3C Trace Context, by the faster codec of core.
   * @default 'global'
   */
  readonly propagator?: 'global' | 'w3c' | TextMapPropagator | undefined;
  /** The status of a span whose outcome is `ok`. `'unset'` follows OpenTelemetry's advice to libraries. @default 'ok' */
  readonly successStatus?: 'ok' | 'unset' | undefined;
  /** Adds a span event `exception` with the type and the redacted message of a failure. @default true */
  readonly recordExceptions?: boolean | undefined;
  /** Adds the stack to that event. Stacks may name paths and arguments. @default false */
  readonly recordStacks?: boolean | undefined;
  /** `false` measures nothing, even when a meter provider is registered. @default true */
  readonly metrics?: boolean | undefined;
  /**
   * Exports what is waiting; called by `flush` and `shutdown`. The API has no such call, so without this option the
   * providers in use are asked for their `forceFlush`, and without that the answer is `complete: 'unknown'`.
   */
  readonly forceFlush?: (() => Promise<unknown>) | undefined;
  /** Takes spans made elsewhere, ids intact, which the API cannot. Without it the telemetry has no `importSpans`. */
  readonly importSpans?: ((spans: readonly FinishedSpan[]) => void) | undefined;
}

/**
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for the first option that does not exist or cannot be meant
 */
export function checkOtelTelemetryOptions(options: OtelTelemetryOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new OptionInvalidError('createOtelTelemetry.options', options, 'an object, or nothing');
  }
  refuseUnknown(options);
  for (const [name, { accepts, expected }] of Object.entries(rules)) {
    const value: unknown = options[name as keyof OtelTelemetryOptions];
    if (value !== undefined && !accepts(value)) {
      throw new OptionInvalidError(`createOtelTelemetry.${name}`, value, expected);
    }
  }
}

/** One that is mistyped would silently not hold. */
function refuseUnknown(options: OtelTelemetryOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(rules, name));
  if (unknown === undefined) return;
  const expected = `an option that exists: ${Object.keys(rules).join(', ')}`;
  throw new OptionInvalidError(`createOtelTelemetry.${unknown}`, Reflect.get(options, unknown), expected);
}

interface Rule {
  readonly accepts: (value: unknown) => boolean;
  readonly expected: string;
}

const rules: Readonly<Record<keyof OtelTelemetryOptions, Rule>> = {
  tracer: having('startSpan', 'a Tracer of the OpenTelemetry API'),
  meter: having('createCounter', 'a Meter of the OpenTelemetry API'),
  tracerProvider: having('getTracer', 'a TracerProvider of the OpenTelemetry API'),
  meterProvider: having('getMeter', 'a MeterProvider of the OpenTelemetry API'),
  scope: {
    accepts: (value) => typeof value === 'string' && value !== '',
    expected: 'a name that is not empty',
  },
  scopeVersion: { accepts: (value) => typeof value === 'string', expected: 'a string' },
  propagator: {
    accepts: (value) => value === 'global' || value === 'w3c' || hasMethod(value, 'inject', 'extract'),
    expected: "'global', 'w3c' or a TextMapPropagator",
  },
  successStatus: { accepts: (value) => value === 'ok' || value === 'unset', expected: "'ok' or 'unset'" },
  recordExceptions: boolean(),
  recordStacks: boolean(),
  metrics: boolean(),
  forceFlush: callable(),
  importSpans: callable(),
};

function having(method: string, expected: string): Rule {
  return { accepts: (value) => hasMethod(value, method), expected };
}

function boolean(): Rule {
  return { accepts: (value) => typeof value === 'boolean', expected: 'true or false' };
}

function callable(): Rule {
  return { accepts: (value) => typeof value === 'function', expected: 'a function' };
}

function hasMethod(value: unknown, ...methods: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return methods.every((method) => typeof Reflect.get(value, method) === 'function');
}
