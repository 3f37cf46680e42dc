import { type OtlpKeyValue, type ReceivedAttributes, readAttributes } from './attribute-value.ts';
import type { OtlpJson } from './decode-otlp.ts';
import { type Origin, type OtlpResource, type OtlpScope, readOrigin, readTime } from './origin.ts';

/** A span as it arrived, decoded from either encoding. Times are ms since the epoch, exact to the microsecond. */
export interface ReceivedSpan extends Origin {
  /** 32 lowercase hex digits. */
  readonly traceId: string;
  /** 16 lowercase hex digits. */
  readonly spanId: string;
  /** Absent for a root. */
  readonly parentSpanId: string | undefined;
  /** The empty string when there is none. */
  readonly traceState: string;
  /** W3C trace flags; bit 0 sampled, bit 1 random trace id. */
  readonly traceFlags: number;
  /** Whether the parent came from another process; `undefined` when the exporter did not say. */
  readonly remoteParent: boolean | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startTime: number;
  readonly endTime: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: ReceivedAttributes;
  readonly droppedAttributesCount: number;
  /** In the order in which they were sent. */
  readonly events: readonly ReceivedSpanEvent[];
  readonly links: readonly ReceivedLink[];
  readonly status: { readonly code: 'unset' | 'ok' | 'error'; readonly message: string };
}

export type SpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface ReceivedSpanEvent {
  readonly name: string;
  readonly time: number;
  readonly attributes: ReceivedAttributes;
}

export interface ReceivedLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: ReceivedAttributes;
}

/** The spans of a decoded export request, in the order in which they were sent. */
export function readSpans(request: OtlpJson): ReceivedSpan[] {
  const { resourceSpans = [] } = request as OtlpTraces;
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope, spans = [] }) => {
      const origin = readOrigin(resource, scope);
      return spans.map((span) => readSpan(span, origin));
    }),
  );
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const STATUS_CODES = ['unset', 'ok', 'error'] as const;

/** Bits 8 and 9 of a span's flags: whether bit 9 means anything, and whether the parent is remote. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

function readSpan(span: OtlpSpan, origin: Origin): ReceivedSpan {
  const { flags = 0, startTimeUnixNano = '0', endTimeUnixNano = '0', status = {} } = span;
  return {
    traceId: span.traceId ?? '',
    spanId: span.spanId ?? '',
    parentSpanId: span.parentSpanId || undefined,
    traceState: span.traceState ?? '',
    traceFlags: flags & 0xff,
    remoteParent: (flags & HAS_IS_REMOTE) === 0 ? undefined : (flags & IS_REMOTE) !== 0,
    name: span.name ?? '',
    kind: KINDS[span.kind ?? 0] ?? 'unspecified',
    startTime: readTime(startTimeUnixNano),
    endTime: readTime(endTimeUnixNano),
    startTimeUnixNano: BigInt(startTimeUnixNano),
    endTimeUnixNano: BigInt(endTimeUnixNano),
    attributes: readAttributes(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount ?? 0,
    events: (span.events ?? []).map(readEvent),
    links: (span.links ?? []).map(readLink),
    status: { code: STATUS_CODES[status.code ?? 0] ?? 'unset', message: status.message ?? '' },
    ...origin,
  };
}

function readEvent({ name = '', timeUnixNano, attributes }: OtlpSpanEvent): ReceivedSpanEvent {
  return { name, time: readTime(timeUnixNano), attributes: readAttributes(attributes) };
}

function readLink({ traceId = '', spanId = '', traceState = '', attributes }: OtlpLink): ReceivedLink {
  return { traceId, spanId, traceState, attributes: readAttributes(attributes) };
}

interface OtlpTraces {
  readonly resourceSpans?: readonly {
    readonly resource?: OtlpResource;
    readonly scopeSpans?: readonly { readonly scope?: OtlpScope; readonly spans?: readonly OtlpSpan[] }[];
  }[];
}

interface OtlpSpan {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly flags?: number;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes?: readonly OtlpKeyValue[];
  readonly droppedAttributesCount?: number;
  readonly events?: readonly OtlpSpanEvent[];
  readonly links?: readonly OtlpLink[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

interface OtlpSpanEvent {
  readonly name?: string;
  readonly timeUnixNano?: string;
  readonly attributes?: readonly OtlpKeyValue[];
}

interface OtlpLink {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly traceState?: string;
  readonly attributes?: readonly OtlpKeyValue[];
}
