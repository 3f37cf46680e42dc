import type { SpanKind } from '../telemetry/span.ts';

/** `Span.SpanKind` and `Status.StatusCode` of trace.proto, by number. */
const kinds: readonly SpanKind[] = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'];
const statuses = ['unset', 'ok', 'error'] as const;

/** The W3C trace flag of what was recorded; the lowest bit of `Span.flags`. */
export const SAMPLED = 0x01;

export type OtlpStatusWord = (typeof statuses)[number];

export function kindCode(kind: SpanKind): number {
  return kinds.lastIndexOf(kind);
}

export function statusCode(word: OtlpStatusWord): number {
  return statuses.indexOf(word);
}

/** The kind of a code or of its name in the proto; unspecified and unknown ones count as internal, as the proto allows. */
export function kindOf(code: unknown): SpanKind {
  return wordOf(kinds, code, 'SPAN_KIND_') ?? 'internal';
}

export function statusOf(code: unknown): OtlpStatusWord {
  return wordOf(statuses, code, 'STATUS_CODE_') ?? 'unset';
}

/** OTLP/JSON knows numbers only; generic printers of protocol buffers write names. */
function wordOf<T extends string>(words: readonly T[], code: unknown, prefix: string): T | undefined {
  if (typeof code === 'number') return words[code];
  return words.find((word) => code === prefix + word.toUpperCase());
}
