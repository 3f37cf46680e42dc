import type { TraceContext } from '../trace-context/trace-context.ts';
import type { Attributes } from './attributes.ts';
import type { FailureLog } from './failure-log.ts';
import { toBoolean, toContext } from './hook-answers.ts';
import { noopSpan } from './noop.ts';
import { runOnce } from './run-once.ts';
import type { Span, SpanEnd, SpanLink, WorkEntity } from './span.ts';

const run = <T>(span: Span, fn: () => T): T => span.run(fn);

/** A span of a sink that cannot hurt the host. */
export class GuardedSpan implements Span {
  readonly #span: Span;
  readonly #fallback: TraceContext | null | undefined;
  readonly #log: FailureLog;
  #context: TraceContext | undefined;
  #ended = false;

  constructor(span: Span, fallback: TraceContext | null | undefined, log: FailureLog) {
    this.#span = span;
    this.#fallback = fallback;
    this.#log = log;
  }

  /** Asked for at first use. A span without identity carries the one it was given or its parent's, as a no-op does. */
  get context(): TraceContext {
    this.#context ??=
      this.#log.ask('span.', this.#span, 'context', toContext) ?? noopSpan(this.#fallback).context;
    return this.#context;
  }

  get isRecording(): boolean {
    return this.#log.ask('span.', this.#span, 'isRecording', toBoolean) ?? false;
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
