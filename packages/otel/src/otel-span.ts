import { type Span as ApiSpan, context, INVALID_SPANID, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  ATTR_ERROR_TYPE,
  ATTR_THROUGHLINE_OUTCOME,
  ATTR_THROUGHLINE_WILL_RETRY,
  type Attributes,
  describeError,
  type Span,
  type SpanEnd,
  type SpanLink,
  type SpanOutcome,
  type TraceContext,
} from '@throughline/core';
import { redactText } from '@throughline/core/events';
import { asApiAttributes, definedAttributes } from './defined-attributes.ts';
import { exportableTime } from './exportable-time.ts';
import { layered } from './layered-context.ts';
import { toTraceContext } from './span-context.ts';
import { toApiLink } from './span-link.ts';
import { statusOfOutcome } from './span-status.ts';
import type { SpanTiming } from './span-timing.ts';

/** What every span of one telemetry is told about ending. */
export interface SpanPolicy {
  readonly successStatus: 'ok' | 'unset';
  readonly recordExceptions: boolean;
  readonly recordStacks: boolean;
}

const asItIs: SpanEnd = {};
const statusOk = { code: SpanStatusCode.OK };

/**
 * One span of the port on one span of the API.
 *
 * Nothing is computed for a span that does not record: its attributes went to the sampler at the start, and the rest
 * would go nowhere.
 */
export class OtelSpan implements Span {
  readonly #span: ApiSpan;
  readonly #policy: SpanPolicy;
  readonly #timing: SpanTiming | undefined;
  #context: TraceContext | undefined;
  #isRecording: boolean;
  #ended = false;

  constructor(span: ApiSpan, policy: SpanPolicy, timing: SpanTiming | undefined) {
    this.#span = span;
    this.#policy = policy;
    this.#timing = timing;
    this.#isRecording = span.isRecording();
  }

  get context(): TraceContext {
    this.#context ??= toTraceContext(this.#span.spanContext());
    return this.#context;
  }

  get isRecording(): boolean {
    return this.#isRecording;
  }

  /** Sources say the same in attributes; the entity is how an event store finds work. */
  identify(): void {}

  setAttributes(attributes: Attributes): void {
    if (this.#isRecording) this.#span.setAttributes(asApiAttributes(attributes));
  }

  addEvent(name: string, attributes?: Attributes, time?: number): void {
    if (!this.#isRecording) return;
    this.#span.addEvent(name, attributes && definedAttributes(attributes), exportableTime(time));
  }

  addLink(link: SpanLink): void {
    const apiLink = this.#isRecording ? toApiLink(link) : undefined;
    if (apiLink) this.#span.addLink(apiLink);
  }

  /** A span without identity (no SDK and no parent, or suppressed) must not hide the one that is active. */
  run<T>(fn: () => T): T {
    if (this.#span.spanContext().spanId === INVALID_SPANID) return fn();
    return context.with(trace.setSpan(layered(context.active()), this.#span), fn);
  }

  end(end: SpanEnd = asItIs): void {
    if (this.#ended) return;
    this.#ended = true;
    try {
      if (this.#isRecording) this.#settle(end);
    } finally {
      this.#isRecording = false;
      const given = exportableTime(end.endTime);
      this.#span.end(this.#timing ? this.#timing.endTime(given) : given);
    }
  }

  #settle({ outcome, error, attributes }: SpanEnd): void {
    if (attributes) this.#span.setAttributes(asApiAttributes(attributes));
    const word = outcome ?? (error === undefined ? this.#silentOutcome() : 'error');
    if (word === undefined) return;
    if (word !== 'ok') this.#span.setAttribute(ATTR_THROUGHLINE_OUTCOME, word);
    const status = statusOfOutcome[word];
    if (status === 'error') this.#fail(word, error, attributes?.[ATTR_ERROR_TYPE]);
    else if (status === 'success') this.#succeed();
  }

  /** Work that says nothing at its end went well; a point that says nothing makes no claim. */
  #silentOutcome(): SpanOutcome | undefined {
    return this.#timing?.isPoint ? undefined : 'ok';
  }

  /** OK would overrule an ERROR that the user's own code set on the active span. */
  #succeed(): void {
    if (this.#policy.successStatus === 'ok' && !hasErrorStatus(this.#span)) this.#span.setStatus(statusOk);
  }

  #fail(outcome: SpanOutcome, error: unknown, statedType: Attributes[string]): void {
    const failure = error === undefined ? undefined : this.#describe(error);
    if (statedType === undefined) this.#span.setAttribute(ATTR_ERROR_TYPE, errorType(outcome, failure?.name));
    if (outcome === 'retry') this.#span.setAttribute(ATTR_THROUGHLINE_WILL_RETRY, true);
    if (failure && this.#policy.recordExceptions) this.#span.recordException(failure);
    this.#span.setStatus({ code: SpanStatusCode.ERROR, ...(failure && { message: failure.message }) });
  }

  /** Not the error itself: the SDK would export its stack, its unmasked message, and its `code` as the type. */
  #describe(error: unknown): { readonly name: string; readonly message: string; readonly stack?: string } {
    const { type, message, stack } = describeError(error, { stack: this.#policy.recordStacks });
    return {
      name: type,
      message: redactText(message),
      ...(stack !== undefined && { stack: redactText(stack) }),
    };
  }
}

/**
 * The class of the error; without one the outcome says what kind of failure it was, and `_OTHER` is OpenTelemetry's
 * word for a failure of no known kind.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/ | OpenTelemetry: error.type}
 */
function errorType(outcome: SpanOutcome, type: string | undefined): string {
  if (outcome === 'lost') return 'lost';
  return type ?? (outcome === 'error' || outcome === 'retry' ? '_OTHER' : outcome);
}

/** The API can set a status but not read it; the SDK's span carries it as a property. */
function hasErrorStatus(span: ApiSpan & { readonly status?: { readonly code?: SpanStatusCode } }): boolean {
  return span.status?.code === SpanStatusCode.ERROR;
}
