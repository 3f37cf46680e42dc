import type { TraceContext } from '../trace-context/trace-context.ts';
import type { FailureLog } from './failure-log.ts';
import { noopSpan } from './noop.ts';
import { runOnce } from './run-once.ts';
import type { Attributes, Span, SpanEnd, SpanLink, WorkEntity } from './telemetry.ts';
import { usableContext } from './usable-context.ts';

const run = <T>(span: Span, fn: () => T): T => span.run(fn);

/** A span of a sink that cannot hurt the host. */
export class GuardedSpan implements Span {
  readonly #span: Span;
  readonly #parent: TraceContext | null | undefined;
  readonly #log: FailureLog;
  #context: TraceContext | undefined;
  #ended = false;

  constructor(span: Span, parent: TraceContext | null | undefined, log: FailureLog) {
    this.#span = span;
    this.#parent = parent;
    this.#log = log;
  }

  /** Read from the sink at first use. Without an identity of its own, the span carries its parent's, as a no-op does. */
  get context(): TraceContext {
    this.#context ??= this.#readContext();
    return this.#context;
  }

  #readContext(): TraceContext {
    try {
      const { context } = this.#span;
      const usable = usableContext(context);
      if (usable) return usable;
      if (typeof context.traceId !== 'string') throw new TypeError('it is not a trace context');
    } catch (error) {
      this.#log.count('span.context', error);
    }
    return noopSpan(this.#parent).context;
  }

  get isRecording(): boolean {
    try {
      return this.#span.isRecording === true;
    } catch (error) {
      this.#log.count('span.isRecording', error);
      return false;
    }
  }

  identify(entity: WorkEntity): void {
    this.#log.tell('span.', this.#span, 'identify', entity);
  }

  setAttributes(attributes: Attributes): void {
    this.#log.tell('span.', this.#span, 'setAttributes', attributes);
  }

  addEvent(name: string, attributes?: Attributes, time?: number): void {
    this.#log.tell('span.', this.#span, 'addEvent', name, attributes, time);
  }

  addLink(link: SpanLink): void {
    this.#log.tell('span.', this.#span, 'addLink', link);
  }

  run<T>(fn: () => T): T {
    return runOnce(this.#log, 'span.run', run, this.#span, fn);
  }

  end(end?: SpanEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#log.tell('span.', this.#span, 'end', end);
  }
}
