import type { Span } from '../telemetry/span.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Propagation } from '../trace-context/propagation.ts';
import { createRecordingTelemetry } from './recording-telemetry.ts';

const telemetryMethods = [
  'startSpan',
  'activeContext',
  'withContext',
  'emitEvent',
  'observe',
  'isEnabled',
  'importSpans',
  'flush',
  'shutdown',
] as const;
const propagationMethods = ['inject', 'extract'] as const;
const spanMethods = ['identify', 'setAttributes', 'addEvent', 'addLink', 'run', 'end'] as const;
const spanGetters = ['context', 'isRecording'] as const;

/** A place where a telemetry can fail, by the name under which `telemetryHealth` counts it. */
export type TelemetryHook =
  | (typeof telemetryMethods)[number]
  | `propagation.${(typeof propagationMethods)[number]}`
  | `span.${(typeof spanMethods)[number] | (typeof spanGetters)[number]}`;

/** Every place where a telemetry can fail. */
export const telemetryHooks: readonly TelemetryHook[] = [
  ...telemetryMethods,
  ...propagationMethods.map((hook) => `propagation.${hook}` as const),
  ...[...spanMethods, ...spanGetters].map((hook) => `span.${hook}` as const),
];

type Failing = (...args: readonly unknown[]) => unknown;

/** A way in which a hook can fail. */
export type TelemetryFault =
  | 'throws'
  | 'throws undefined'
  | 'rejects'
  | 'hangs'
  | 'returns null'
  | 'returns a number'
  | 'returns an empty object'
  | 'returns a getter bomb'
  | 'returns a throwing proxy'
  | 'returns an agreeable proxy'
  | 'throws after running'
  | 'runs twice'
  | 'runs later'
  | 'swallows the error'
  | 'returns a derived promise';

/** What a hook does instead of its work, given the arguments of the call. */
const failures: Readonly<Record<TelemetryFault, Failing>> = {
  throws: () => {
    throw new Error('thrown by a hostile telemetry');
  },
  'throws undefined': () => {
    throw undefined;
  },
  rejects: () => Promise.reject(new Error('rejected by a hostile telemetry')),
  hangs: () => new Promise(() => {}),
  'returns null': () => null,
  'returns a number': () => Number.NaN,
  'returns an empty object': () => ({}),
  'returns a getter bomb': () => getterBomb,
  'returns a throwing proxy': () => throwingProxy,
  'returns an agreeable proxy': () => agreeableProxy,
  'throws after running': (...args) => {
    runLast(args);
    throw new Error('thrown by a hostile telemetry');
  },
  'runs twice': (...args) => [runLast(args), runLast(args)],
  'runs later': (...args) => queueMicrotask(() => swallow(() => runLast(args))),
  'swallows the error': (...args) => swallow(() => runLast(args)),
  'returns a derived promise': async (...args) => await runLast(args),
};

/** Every way in which a hook can fail. */
export const telemetryFaults: readonly TelemetryFault[] = Object.keys(failures) as TelemetryFault[];

/**
 * Creates a telemetry that works but for one hook, which fails in one way: what a source needs for a test that it keeps
 * its host out of it.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { traced } from '@throughline/core';
 * import { createHostileTelemetry, telemetryFaults, telemetryHooks } from '@throughline/core/testing';
 *
 * for (const hook of telemetryHooks) {
 *   for (const fault of telemetryFaults) {
 *     assert.equal(traced(createHostileTelemetry(hook, fault), 'add', () => 1 + 1), 2);
 *   }
 * }
 * ```
 */
export function createHostileTelemetry(hook: TelemetryHook, fault: TelemetryFault): Telemetry {
  const fail: Failing = failures[fault];
  const recording = createRecordingTelemetry();
  const telemetry = {
    ...delegates(recording, telemetryMethods),
    identity: 'given' as const,
    propagation: delegates(recording.propagation, propagationMethods) as Propagation,
    startSpan: (...args: Parameters<Telemetry['startSpan']>) => {
      const span = hostileSpan(recording.startSpan(...args));
      if (hook.startsWith('span.')) sabotage(span, hook.slice('span.'.length), fail);
      return span;
    },
  } as Telemetry;
  if (hook.startsWith('propagation.'))
    sabotage(telemetry.propagation, hook.slice('propagation.'.length), fail);
  else if (!hook.startsWith('span.')) sabotage(telemetry, hook, fail);
  return telemetry;
}

/** The methods of `target` as own properties of a new object, so that one of them can be replaced. */
function delegates<T extends object>(target: T, methods: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(
    methods.map((method) => [method, (target[method] as () => unknown).bind(target)]),
  ) as Partial<T>;
}

function hostileSpan(span: Span): Span {
  const getters = {
    context: { get: () => span.context, configurable: true },
    isRecording: { get: () => span.isRecording, configurable: true },
  };
  return Object.defineProperties(delegates(span, spanMethods), getters) as Span;
}

function sabotage(owner: object, member: string, fail: Failing): void {
  const isGetter = (spanGetters as readonly string[]).includes(member);
  Object.defineProperty(owner, member, isGetter ? { get: fail } : { value: fail });
}

function runLast(args: readonly unknown[]): unknown {
  const last = args.at(-1);
  return typeof last === 'function' ? last() : undefined;
}

function swallow(fn: () => unknown): unknown {
  try {
    return fn();
  } catch {
    return undefined;
  }
}

const explode = (): never => {
  throw new Error('thrown by a getter of a hostile telemetry');
};

/** Looks like everything that a hook may return, until it is touched. */
const getterBomb: object = Object.defineProperties(
  {},
  Object.fromEntries(
    ['context', 'isRecording', 'end', 'run', 'then', 'traceId', 'spanId', 'complete'].map((name) => [
      name,
      { get: explode },
    ]),
  ),
);

const throwingProxy: object = new Proxy(
  {},
  {
    get: explode,
    has: explode,
    ownKeys: explode,
    getPrototypeOf: explode,
    getOwnPropertyDescriptor: explode,
  },
);

/** Has every member, can be called, and returns itself for all of it. */
const agreeableProxy: unknown = new Proxy(() => {}, {
  get: () => agreeableProxy,
  apply: () => agreeableProxy,
});
