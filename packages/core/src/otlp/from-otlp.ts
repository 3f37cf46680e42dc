import { demandOption } from '../errors/demand-option.ts';
import type { TraceEvent } from '../events/trace-event.ts';
import { eventsOf } from './events-of-span.ts';
import { ImportAccount, type OtlpDropped, type OtlpRejection } from './import-account.ts';
import type { ImportedSpan } from './imported-span.ts';
import { withNestedEnds } from './nested-ends.ts';
import { SpanReader } from './read-spans.ts';
import { recordedEvents } from './recorded-events.ts';
import { refusedRequests } from './refused-requests.ts';
import { repeatedRequests } from './repeated-requests.ts';
import { requestDocuments } from './request-documents.ts';

/** How OTLP is read. */
export interface FromOtlpOptions {
  /**
   * Longest text that is read, in UTF-16 code units; of bytes, their number. The default holds what `toOtlp` writes of
   * 100,000 events; parsing takes several times as much memory. Lower it where strangers send.
   *
   * @default 268435456
   */
  readonly maxLength?: number | undefined;
  /** Spans beyond this many are counted and left out. @default 100000 */
  readonly maxSpans?: number | undefined;
  /** Whether stack traces are kept; they may tell paths and arguments. @default false */
  readonly recordStacks?: boolean | undefined;
}

/** What was read. */
export interface OtlpReading {
  /** In the order in which the spans came. */
  readonly events: readonly TraceEvent[];
  /** How many spans the events are of. */
  readonly spans: number;
  /** What was not taken, and why; once per reason, by first occurrence. */
  readonly rejected: readonly OtlpRejection[];
  /** What the producers left out themselves. */
  readonly dropped: OtlpDropped;
}

/**
 * Reads the spans of any OpenTelemetry application as events, so that the trace graph can explain them.
 *
 * Takes export requests of OTLP/JSON: parsed, as text or bytes, alone, in an array, or one per line as the collector's file
 * exporter writes them; also what Tempo and Jaeger answer. Names in snake_case, ids in base64 and enums by name are
 * understood. A span becomes `started` and an end by its status, a producer `queued`; exceptions become errors, messages
 * of the messaging conventions entities, attributes, links, resource and scope are kept. What {@link toOtlp} wrote is given
 * back as it was. Credentials are masked where the events are stored, by `EventWriter`, not here.
 *
 * Total: any input gives events and the reasons for what was not taken. Limits hold before anything is parsed.
 *
 * @param input OTLP/JSON
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID`
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { fromOtlp } from '@throughline/core/otlp';
 * import { createTraceGraph } from '@throughline/core/trace-graph';
 *
 * const { events, rejected } = fromOtlp(await readFile('traces.json', 'utf8'));
 * for (const { reason, count, first } of rejected) console.warn(`${count} × ${reason}, first at ${first}`);
 * console.log(createTraceGraph(events).explainFailure().toText());
 * ```
 * @see {@link https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding | OTLP: JSON protobuf encoding}
 */
export function fromOtlp(input: unknown, options: FromOtlpOptions = {}): OtlpReading {
  const { maxLength = 268_435_456, maxSpans = 100_000, recordStacks = false } = options;
  demandOption(maxLength > 0, 'fromOtlp.maxLength', maxLength, 'a positive number');
  demandOption(maxSpans > 0, 'fromOtlp.maxSpans', maxSpans, 'a positive number');
  const account = new ImportAccount();
  const reader = new SpanReader(account, maxSpans);
  const documents = requestDocuments(input, maxLength, account);
  account.forEach('', documents, (document) => reader.readRequest(document));
  const events = tell(withNestedEnds(reader.spans), recordStacks, account);
  return { events, spans: reader.spans.length, rejected: account.rejected, dropped: account.dropped };
}

function tell(spans: readonly ImportedSpan[], recordStacks: boolean, account: ImportAccount): TraceEvent[] {
  const repeated = repeatedRequests(spans);
  const refused = refusedRequests(spans);
  const processes = new Set<string>();
  const ids = new Set<string | undefined>();
  return spans.flatMap((span) => {
    const recorded = recordedEvents(span);
    if (recorded === 'incomplete') account.reject('record_invalid');
    else if (recorded !== undefined) return recorded;
    const process = `${span.traceId}\n${span.origin.source}`;
    const options = {
      recordStacks,
      withResource: !processes.has(process),
      repeats: repeated.get(span),
      isRefused: refused.has(span),
    };
    processes.add(process);
    const told = eventsOf(span, options).filter(({ event_id }) => !ids.has(event_id));
    for (const { event_id } of told) ids.add(event_id);
    if (told.length === 0) account.reject('duplicate');
    return told;
  });
}
