import { demandOption, hasMethods } from '../errors/demand-option.ts';
import type { Clock } from '../internal/clock.ts';
import type { JsonObject } from '../telemetry/attributes.ts';
import { defaultMaxDataBytes } from './copy-trace-event.ts';
import type { EventSpool } from './event-spool.ts';
import type { RedactOptions } from './redact.ts';
import type { TraceStore } from './trace-store.ts';

/** How an `EventWriter` buffers, retries and redacts. All take effect at construction. */
export interface EventWriterOptions {
  /** The clock domain that events are marked with. @default the `source` of the store, else random */
  readonly source?: string | undefined;
  /**
   * Keeps what the store does not take in time, until it does: a journal, for example. One that belongs to this writer;
   * it stays the caller's to close. Without one, what finds no room in memory is dropped.
   */
  readonly spool?: EventSpool | undefined;
  /** Events in memory, batches in flight included. @default 10_000 */
  readonly maxEvents?: number | undefined;
  /** Bytes in memory, measured as JSON in UTF-8. @default 16_777_216 */
  readonly maxBytes?: number | undefined;
  /** Cap of each event's `data`, in bytes. @default 8192 */
  readonly maxDataBytes?: number | undefined;
  /** How long an event waits for company, in milliseconds. @default 50 */
  readonly flushIntervalMs?: number | undefined;
  /** Events per `append`; so many end the wait. @default 100 */
  readonly batchEvents?: number | undefined;
  /** When an `append` that did not answer counts as failed, in milliseconds. @default 10_000 */
  readonly appendTimeoutMs?: number | undefined;
  /** Events of one trace after which it goes on in a continuation trace. @default 10_000 */
  readonly maxTraceEvents?: number | undefined;
  /** What is masked before an event enters the buffer. `false` masks nothing. */
  readonly redact?: RedactOptions | false | undefined;
  /** What produced the events (service, version, host); stored with the first event of each trace. */
  readonly resource?: JsonObject | undefined;
  /**
   * What `process:started` and `process:completed` say about this process: adapters, versions, health. Called when they
   * are written. `false` writes neither.
   */
  readonly process?: (() => JsonObject) | false | undefined;
  /** Where time comes from. Tests give a virtual one. */
  readonly clock?: Clock | undefined;
}

/** @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID` */
export function demandWriterOptions(store: TraceStore, options: EventWriterOptions): void {
  const { clock, process, redact, resource, source, spool } = options;
  demand(hasMethods(store, 'append'), 'store', store, 'a TraceStore, MemoryTraceStore for example');
  demand(clock === undefined || hasMethods(clock, 'now', 'schedule'), 'clock', clock, 'a Clock');
  demand(isSpool(spool), 'spool', spool, 'an EventSpool, a journal for example');
  demand(isOptional('object', resource), 'resource', resource, 'an object');
  demand(isRedaction(redact), 'redact', redact, 'lists of names to allow and to mask, or false');
  demand(process === false || isOptional('function', process), 'process', process, 'a function, or false');
  demand(isOptional('string', source), 'source', source, 'a text');
}

/** The numbers among the options. */
export interface Limits {
  maxEvents: number;
  maxBytes: number;
  maxDataBytes: number;
  flushIntervalMs: number;
  batchEvents: number;
  appendTimeoutMs: number;
  maxTraceEvents: number;
}

const defaultLimits: Readonly<Limits> = {
  maxEvents: 10_000,
  maxBytes: 16 * 1024 * 1024,
  maxDataBytes: defaultMaxDataBytes,
  flushIntervalMs: 50,
  batchEvents: 100,
  appendTimeoutMs: 10_000,
  maxTraceEvents: 10_000,
};

export function limitsOf(options: EventWriterOptions): Limits {
  const limits: Limits = { ...defaultLimits };
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    const { [name]: limit = limits[name] } = options;
    demand(typeof limit === 'number' && limit >= 1, name, limit, 'a number of at least 1');
    limits[name] = limit;
  }
  return limits;
}

function isOptional(type: 'function' | 'object' | 'string', value: unknown): boolean {
  return value === undefined || typeof value === type;
}

function isSpool(spool: EventSpool | undefined): boolean {
  return spool === undefined || hasMethods(spool, 'append', 'appendSync', 'pending');
}

function isRedaction(redact: RedactOptions | false | undefined): boolean {
  const { allow = [], mask = [] } = redact || {};
  return typeof (redact || {}) === 'object' && Array.isArray(allow) && Array.isArray(mask);
}

function demand(isMet: boolean, name: string, received: unknown, expected: string): void {
  demandOption(isMet, `EventWriter.${name}`, received, expected);
}
