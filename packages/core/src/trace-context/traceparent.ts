import type { TraceContext } from './trace-context.ts';
import { hex } from './trace-ids.ts';

/** Why a `traceparent` value is not believed. */
export type TraceparentRejection =
  /** There is none. */
  | 'traceparent_missing'
  /** More than one value, or one value that a transport joined from several. */
  | 'traceparent_duplicated'
  /** Not a string, wrong length or delimiters, or a character that is not lowercase hex. */
  | 'traceparent_malformed'
  /** Version `ff`, which is forbidden. */
  | 'version_invalid'
  /** A trace id or span id of zeros only. */
  | 'id_zero';

/** What {@link readTraceparent} found: a context, or the reason why there is none. */
export type TraceparentReading =
  | { readonly context: TraceContext; readonly reason?: undefined }
  | { readonly context: undefined; readonly reason: TraceparentRejection };

/** Flags as they are written, by their value. */
const flagsText = ['-00', '-01', '-02', '-03'] as const;

/** Length of a version `00` value: two digits, 32, 16 and two, with three dashes. */
const LENGTH = 55;

/** Zeros where the trace id or the span id belongs. */
const zeroId = /^..-0{32}-|^.{36}0{16}-/;
const pattern: RegExp = /* @__PURE__ */ traceparentPattern('^', '(?:-|$)');

/**
 * Reads a `traceparent` value.
 *
 * Total: any value of any type gives a context or `undefined`. A version above `00` is read by the rules for versions
 * yet to come and written again as `00`. Flags other than sampled and random are cleared.
 *
 * @example
 * ```ts
 * import { parseTraceparent } from '@throughline/core';
 *
 * parseTraceparent('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')?.spanId; // 'b7ad6b7169203331'
 * parseTraceparent('nonsense'); // undefined
 * ```
 * @see {@link https://www.w3.org/TR/trace-context-2/#traceparent-header-field-values | W3C Trace Context Level 2, §3.2.2}
 */
export function parseTraceparent(value: unknown): TraceContext | undefined {
  return readTraceparent(value).context;
}

/**
 * Reads a `traceparent` value like {@link parseTraceparent} and says why when it cannot be believed.
 *
 * @example
 * ```ts
 * import { readTraceparent } from '@throughline/core';
 *
 * readTraceparent('ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01').reason; // 'version_invalid'
 * ```
 */
export function readTraceparent(value: unknown): TraceparentReading {
  const reason = rejectTraceparent(value);
  return reason === undefined ? { context: contextOf(value as string) } : { context: undefined, reason };
}

/** The reason why `value` is not a `traceparent`; `undefined` means it is one and {@link contextOf} may read it. */
export function rejectTraceparent(value: unknown): TraceparentRejection | undefined {
  if (value === undefined || value === null) return 'traceparent_missing';
  if (typeof value !== 'string') return 'traceparent_malformed';
  if (pattern.test(value) && (value.length === LENGTH || isFutureVersion(value))) return undefined;
  if (value.includes(',')) return 'traceparent_duplicated';
  if (value.startsWith('ff-')) return 'version_invalid';
  return zeroId.test(value) ? 'id_zero' : 'traceparent_malformed';
}

/** A pattern of the 55 characters of a `traceparent` that can be believed, within what surrounds them. */
export function traceparentPattern(before: string, after: string): RegExp {
  return new RegExp(`${before}(?!ff)${hex(2)}-(?!0+-)${hex(32)}-(?!0+-)${hex(16)}-${hex(2)}${after}`);
}

/** Cuts a context out of text that holds at `start` a value which {@link rejectTraceparent} lets pass. */
export function contextOf(text: string, start = 0, traceState?: string, isRemote?: boolean): TraceContext {
  return {
    traceId: text.slice(start + 3, start + 35),
    spanId: text.slice(start + 36, start + 52),
    traceFlags: lastTwoBits(text.charCodeAt(start + LENGTH - 1)),
    traceState,
    isRemote,
  };
}

/**
 * Writes the `traceparent` value of a context, always as version `00` and with no flags but sampled and random.
 *
 * @example
 * ```ts
 * import { createTraceContext, formatTraceparent } from '@throughline/core';
 *
 * formatTraceparent(createTraceContext()); // '00-…-…-03'
 * ```
 * @see {@link https://www.w3.org/TR/trace-context-2/#other-flags | W3C Trace Context Level 2, §3.2.2.5.3}
 */
export function formatTraceparent(context: TraceContext): string {
  return `00-${context.traceId}-${context.spanId}${flagsText[context.traceFlags & 0x03]}`;
}

/** Versions to come may be longer; a comma tells that a transport joined two values. */
function isFutureVersion(value: string): boolean {
  return !value.startsWith('00') && !value.includes(',');
}

/** The two low bits of a hex digit given by its character code: `0`–`9` end in their own bits, `a` (0x61) stands for 10. */
function lastTwoBits(code: number): number {
  return (code < 0x61 ? code : code + 9) & 0x03;
}
