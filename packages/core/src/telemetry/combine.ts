import { CombineTwoIdentitiesError } from '../errors/combine-two-identities-error.ts';
import type { Propagation } from '../trace-context/propagation.ts';
import { createTraceContext, type TraceContext } from '../trace-context/trace-context.ts';
import type { Attributes } from './attributes.ts';
import type { TelemetryEventKind } from './event-kind.ts';
import { failureLogsOf, resolveTelemetry, trust } from './guard.ts';
import { mergeFlushResults } from './merge-flush-results.ts';
import { noContext, noopTelemetry } from './noop.ts';
import type { FinishedSpan, Span, SpanEnd, SpanLink, SpanOptions, WorkEntity } from './span.ts';
import type {
  FlushOptions,
  FlushResult,
  ObservedInstrument,
  ObservedReader,
  Telemetry,
} from './telemetry.ts';

/**
 * Makes one telemetry of several, with the same trace and span ids in all of them: a reader can go from a span in a
 * tracing backend to the stored events of the same work, and back.
 *
 * The primary chooses the ids. Where it has none to give (no SDK registered, tracing suppressed), or gives its parent's
 * own, an identity is made here. Followers receive it as `options.context`. `activeContext()` is the first that answers;
 * `propagation` is the primary's; flush and shutdown wait for all and tell the worst.
 *
 * Each telemetry is guarded by itself: one that fails takes nothing from the others. Absent ones are left out.
 *
 * @throws CombineTwoIdentitiesError `THROUGHLINE_COMBINE_TWO_IDENTITIES` when a follower says `identity: 'own'`
 * @throws TelemetryInvalidError `THROUGHLINE_TELEMETRY_INVALID` see {@link resolveTelemetry}
 * @example
 * ```ts
 * import { combineTelemetry, type Telemetry } from '@throughline/core';
 *
 * declare const tracing: Telemetry; // createOtelTelemetry()
 * declare const events: Telemetry; // createEventTelemetry({ writer })
 *
 * export const telemetry = combineTelemetry(tracing, events);
 * ```
 */
export function combineTelemetry(
  primary: Partial<Telemetry> | null | undefined,
  ...followers: readonly (Partial<Telemetry> | null | undefined)[]
): Telemetry {
  const all = [primary, ...followers].map((telemetry) => resolveTelemetry(telemetry));
  const [first = noopTelemetry, ...rest] = new Set(all.filter((telemetry) => telemetry !== noopTelemetry));
  const second = rest.find((telemetry) => telemetry.identity === 'own');
  if (second) throw new CombineTwoIdentitiesError(all.indexOf(second));
  if (rest.length === 0) return first;
  return trust(new CombinedTelemetry(first, rest), [first, ...rest].flatMap(failureLogsOf));
}

/** Needs no guard of its own: it calls guarded telemetries and touches nothing that a sink made. */
class CombinedTelemetry implements Telemetry {
  readonly identity: 'own' | 'given' | undefined;
  readonly propagation: Propagation;
  declare readonly importSpans?: (spans: readonly FinishedSpan[]) => void;
  readonly #primary: Telemetry;
  readonly #followers: readonly Telemetry[];
  readonly #all: readonly Telemetry[];
  #isCompared = false;

  constructor(primary: Telemetry, followers: readonly Telemetry[]) {
    this.#primary = primary;
    this.#followers = followers;
    this.#all = [primary, ...followers];
    this.identity = primary.identity;
    this.propagation = primary.propagation;
    if (this.#all.some((telemetry) => telemetry.importSpans)) {
      this.importSpans = (spans) => {
        for (const telemetry of this.#all) telemetry.importSpans?.(spans);
      };
    }
  }

  startSpan(name: string, options: SpanOptions = noOptions): Span {
    const isAmbient = options.parent === undefined;
    const ownParent = isAmbient ? this.#primary.activeContext() : options.parent;
    const parent = isAmbient ? (ownParent ?? this.activeContext()) : options.parent;
    // A primary that finds the parent by itself also finds what else is in its ambient context, baggage for example.
    const span = this.#primary.startSpan(name, parent === ownParent ? options : given(options, parent));
    const hasIdentity = span.context !== noContext && span.context.spanId !== parent?.spanId;
    const context = hasIdentity ? span.context : (options.context ?? createTraceContext({ parent }));
    const spans = [span];
    const shared = given(options, parent ?? null, context);
    for (const follower of this.#followers) spans.push(follower.startSpan(name, shared));
    if (!this.#isCompared) this.#compare(context, spans);
    return new CombinedSpan(context, spans, hasIdentity ? undefined : this.#primary);
  }

  /** A follower that ignores the identity it is given is found out by its first span, and told in its health. */
  #compare(context: TraceContext, spans: readonly Span[]): void {
    this.#isCompared = true;
    this.#followers.forEach((follower, i) => {
      if (spans[i + 1]?.context.spanId === context.spanId) return;
      const error = new Error('it ignored options.context: its span ids differ from those of the primary');
      for (const log of failureLogsOf(follower)) log.count('startSpan', error);
    });
  }

  activeContext(): TraceContext | undefined {
    for (const telemetry of this.#all) {
      const context = telemetry.activeContext();
      if (context) return context;
    }
    return undefined;
  }

  withContext<T>(context: TraceContext | undefined, fn: () => T): T {
    return nested(this.#all, (telemetry, inner) => telemetry.withContext(context, inner), fn);
  }

  emitEvent<E extends object>(kind: TelemetryEventKind<E>, event: NoInfer<E>): void {
    for (const telemetry of this.#all) telemetry.emitEvent(kind, event);
  }

  observe(instrument: ObservedInstrument, read: ObservedReader): () => void {
    const stops = this.#all.map((telemetry) => telemetry.observe(instrument, read));
    return () => {
      for (const stop of stops) stop();
    };
  }

  isEnabled(signal: 'spans' | 'measurements'): boolean {
    return this.#all.some((telemetry) => telemetry.isEnabled(signal));
  }

  async flush(options?: FlushOptions): Promise<FlushResult> {
    return mergeFlushResults(await Promise.all(this.#all.map((telemetry) => telemetry.flush(options))));
  }

  async shutdown(options?: FlushOptions): Promise<FlushResult> {
    return mergeFlushResults(await Promise.all(this.#all.map((telemetry) => telemetry.shutdown(options))));
  }
}

const noOptions: SpanOptions = {};

/** The options with another parent and identity. All fields by name: several times faster than a spread in V8. */
function given(
  options: SpanOptions,
  parent: TraceContext | null | undefined,
  context: TraceContext | undefined = options.context,
): { readonly [field in keyof Required<SpanOptions>]: SpanOptions[field] } {
  const { kind, links, attributes, startTime, subject, entity, data, tags, eventType } = options;
  return { kind, parent, links, attributes, startTime, subject, entity, data, tags, eventType, context };
}

/** One span in several telemetries. */
class CombinedSpan implements Span {
  readonly context: TraceContext;
  readonly #spans: readonly Span[];
  readonly #activator: Telemetry | undefined;

  /**
   * @param spans the primary's first
   * @param activator the primary, when it did not choose the context and has to be told what is active
   */
  constructor(context: TraceContext, spans: readonly Span[], activator: Telemetry | undefined) {
    this.context = context;
    this.#spans = spans;
    this.#activator = activator;
  }

  get isRecording(): boolean {
    return this.#spans.some((span) => span.isRecording);
  }

  identify(entity: WorkEntity): void {
    for (const span of this.#spans) span.identify(entity);
  }

  setAttributes(attributes: Attributes): void {
    for (const span of this.#spans) span.setAttributes(attributes);
  }

  addEvent(name: string, attributes?: Attributes, time?: number): void {
    for (const span of this.#spans) span.addEvent(name, attributes, time);
  }

  addLink(link: SpanLink): void {
    for (const span of this.#spans) span.addLink(link);
  }

  run<T>(fn: () => T): T {
    if (!this.#activator) return nested(this.#spans, (span, inner) => span.run(inner), fn);
    const activator = this.#activator;
    return nested(
      this.#spans.slice(1),
      (span, inner) => span.run(inner),
      () => activator.withContext(this.context, fn),
    );
  }

  end(end?: SpanEnd): void {
    for (const span of this.#spans) span.end(end);
  }
}

/** Enters each of `scopes`, the first outermost, and calls `fn` inside all of them. */
function nested<Scope, T>(
  scopes: readonly Scope[],
  enter: (scope: Scope, inner: () => T) => T,
  fn: () => T,
): T {
  return scopes.reduceRight((inner, scope) => () => enter(scope, inner), fn)();
}
