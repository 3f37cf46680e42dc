import type { StoredLink } from '../events/trace-event.ts';
import {
  ATTR_THROUGHLINE_PARENT_SPAN_ID,
  ATTR_THROUGHLINE_SPAN_ID,
  ATTR_THROUGHLINE_TRACE_ID,
} from '../semantic-conventions/otlp.ts';
import { ATTR_THROUGHLINE_RELATION } from '../semantic-conventions/throughline.ts';
import type { JsonObject } from '../telemetry/attributes.ts';
import { cleanTraceState } from '../trace-context/tracestate.ts';
import { fromKeyValues } from './any-value.ts';
import { type Fields, field, isFields, textField } from './fields.ts';
import type { ImportAccount, OtlpDropped, OtlpRejectionReason } from './import-account.ts';
import type { ImportedOrigin, ImportedSpan, ImportedSpanEvent } from './imported-span.ts';
import { kindOf, statusOf } from './otlp-codes.ts';
import { otlpSpanId, otlpTraceId, readOtlpId } from './otlp-id.ts';
import { isRelation } from './relation-words.ts';
import { sourceOf } from './resource-source.ts';
import { parseUnixNano } from './unix-nano.ts';

/** As many events as a trace is read with may be of one span; more of one thing is nothing that anybody recorded. */
const maxEntries = 100_000;

/** Reads the spans of export requests. What cannot be read is counted and left out. */
export class SpanReader {
  readonly spans: ImportedSpan[] = [];
  readonly #account: ImportAccount;
  readonly #maxSpans: number;

  constructor(account: ImportAccount, maxSpans: number) {
    this.#account = account;
    this.#maxSpans = maxSpans;
  }

  readRequest(document: unknown): void {
    const request = unwrapped(document);
    // The first query API of Tempo has a name of its own for the list.
    const list = request && (field(request, 'resourceSpans') ?? field(request, 'batches'));
    if (Array.isArray(list)) this.#account.forEach('resourceSpans', list, (item) => this.#readResource(item));
    else this.#account.reject(isOtherSignal(request) ? 'other_signal' : 'not_a_request');
  }

  #readResource(item: unknown): void {
    if (!isFields(item)) {
      this.#account.reject('malformed');
      return;
    }
    const given = field(item, 'resource');
    const resource = isFields(given) ? this.#attributes(given) : {};
    // Until version 0.15 of the protocol a scope was an instrumentation library.
    const name = field(item, 'scopeSpans') === undefined ? 'instrumentationLibrarySpans' : 'scopeSpans';
    const list = this.#list(item, name, 'malformed');
    this.#account.forEach(name, list, (scopeSpans) => this.#readScope(scopeSpans, resource));
  }

  #readScope(item: unknown, resource: JsonObject): void {
    if (!isFields(item)) {
      this.#account.reject('malformed');
      return;
    }
    const given = field(item, 'scope') ?? field(item, 'instrumentationLibrary');
    const scope = isFields(given) ? this.#scope(given) : undefined;
    const origin = { resource, source: sourceOf(resource), scope };
    const list = this.#list(item, 'spans', 'malformed');
    this.#account.forEach('spans', list, (span) => this.#readSpan(span, origin));
  }

  #scope(scope: Fields): JsonObject {
    const version = textField(scope, 'version');
    const attributes = this.#attributes(scope);
    return {
      name: textField(scope, 'name'),
      ...(version !== '' && { version }),
      ...(Object.keys(attributes).length > 0 && { attributes }),
    };
  }

  #readSpan(span: unknown, origin: ImportedOrigin): void {
    const fields = isFields(span) ? span : undefined;
    const traceId = fields && readOtlpId(field(fields, 'traceId'), 32);
    const spanId = fields && readOtlpId(field(fields, 'spanId'), 16);
    if (fields === undefined) this.#account.reject('malformed');
    else if (!traceId) this.#account.reject('trace_id_invalid');
    else if (!spanId) this.#account.reject('span_id_invalid');
    else if (this.spans.length >= this.#maxSpans) this.#account.reject('too_many_spans');
    else this.spans.push(this.#spanOf(fields, traceId, spanId, origin));
  }

  #spanOf(span: Fields, traceId: string, spanId: string, origin: ImportedOrigin): ImportedSpan {
    const attributes = this.#attributes(span);
    const given = field(span, 'status');
    const status = isFields(given) ? given : {};
    return {
      traceId: originalId(attributes[ATTR_THROUGHLINE_TRACE_ID], traceId, otlpTraceId),
      spanId: originalId(attributes[ATTR_THROUGHLINE_SPAN_ID], spanId, otlpSpanId),
      parentSpanId: this.#parentOf(span, attributes[ATTR_THROUGHLINE_PARENT_SPAN_ID]),
      traceState: cleanTraceState(textField(span, 'traceState')) ?? '',
      traceFlags: traceFlagsOf(field(span, 'flags')),
      name: textField(span, 'name'),
      kind: kindOf(field(span, 'kind')),
      startTime: this.#time(span, 'startTimeUnixNano'),
      endTime: this.#time(span, 'endTimeUnixNano'),
      attributes,
      events: this.#list(span, 'events', 'event_invalid').flatMap((event) => this.#event(event)),
      links: this.#list(span, 'links', 'link_invalid').flatMap((link) => this.#link(link)),
      status: statusOf(field(status, 'code')),
      statusMessage: textField(status, 'message'),
      dropped: this.#dropped(span),
      origin,
    };
  }

  #parentOf(span: Fields, stored: unknown): string | undefined {
    const id = readOtlpId(field(span, 'parentSpanId'), 16);
    if (id === undefined) this.#account.reject('parent_span_id_invalid');
    return id ? originalId(stored, id, otlpSpanId) : undefined;
  }

  #event(event: unknown): ImportedSpanEvent | [] {
    if (!isFields(event)) return this.#without('event_invalid');
    const time = this.#time(event, 'timeUnixNano');
    return { name: textField(event, 'name'), time, attributes: this.#attributes(event) };
  }

  #link(link: unknown): StoredLink | [] {
    if (!isFields(link)) return this.#without('link_invalid');
    const traceId = readOtlpId(field(link, 'traceId'), 32);
    const spanId = readOtlpId(field(link, 'spanId'), 16);
    if (!traceId || !spanId) return this.#without('link_invalid');
    const attributes = this.#attributes(link);
    const relation = attributes[ATTR_THROUGHLINE_RELATION];
    return {
      trace_id: originalId(attributes[ATTR_THROUGHLINE_TRACE_ID], traceId, otlpTraceId),
      span_id: originalId(attributes[ATTR_THROUGHLINE_SPAN_ID], spanId, otlpSpanId),
      ...(isRelation(relation) && { relation }),
    };
  }

  #without(reason: OtlpRejectionReason): [] {
    this.#account.reject(reason);
    return [];
  }

  #attributes(owner: Fields): JsonObject {
    const list = this.#list(owner, 'attributes', 'attribute_invalid');
    return fromKeyValues(list, () => this.#account.reject('attribute_invalid'));
  }

  /** 0 and absent mean unknown. */
  #time(owner: Fields, name: string): number | undefined {
    const given = field(owner, name);
    const time = parseUnixNano(given);
    if (time === undefined && given !== undefined && Number(given) !== 0)
      this.#account.reject('time_invalid');
    return time;
  }

  #list(owner: Fields, name: string, whenInvalid: OtlpRejectionReason): readonly unknown[] {
    const list = field(owner, name) ?? [];
    if (!Array.isArray(list)) return this.#without(whenInvalid);
    if (list.length <= maxEntries || whenInvalid === 'malformed') return list;
    this.#account.reject('too_many_entries', list.length - maxEntries);
    return list.slice(0, maxEntries);
  }

  #dropped(span: Fields): OtlpDropped | undefined {
    const dropped = {
      attributes: countField(span, 'droppedAttributesCount'),
      events: countField(span, 'droppedEventsCount'),
      links: countField(span, 'droppedLinksCount'),
    };
    if (dropped.attributes + dropped.events + dropped.links === 0) return undefined;
    this.#account.dropped.attributes += dropped.attributes;
    this.#account.dropped.events += dropped.events;
    this.#account.dropped.links += dropped.links;
    return dropped;
  }
}

/** Answers of query APIs hold the request in a field: Tempo's in `trace`, Jaeger's in `result`. */
function unwrapped(document: unknown): Fields | undefined {
  if (!isFields(document)) return undefined;
  const inner = field(document, 'trace') ?? field(document, 'result');
  return isFields(inner) ? inner : document;
}

function isOtherSignal(request: Fields | undefined): boolean {
  const names = ['resourceMetrics', 'resourceLogs', 'resourceProfiles'];
  return request !== undefined && names.some((name) => field(request, name) !== undefined);
}

/** What the id was before `toOtlp` had to derive one; believed only when it is the one derived from it. */
function originalId(stored: unknown, id: string, derive: (id: string) => string): string {
  return typeof stored === 'string' && derive(stored) === id ? stored : id;
}

/** The eight bits of W3C. Producers that do not know the field leave all of it 0, which says nothing. */
function traceFlagsOf(flags: unknown): number | undefined {
  return typeof flags === 'number' && flags !== 0 ? flags & 0xff : undefined;
}

function countField(owner: Fields, name: string): number {
  const count = Number(field(owner, name) ?? 0);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}
