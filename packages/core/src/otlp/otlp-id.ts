import { murmurHash3 } from '../events/murmur-hash-3.ts';
import { isSpanId, isTraceId } from '../trace-context/trace-ids.ts';

const utf8 = /* @__PURE__ */ new TextEncoder();

/** The trace id itself where it is a W3C id; else one derived from it, always the same. */
export function otlpTraceId(id: string): string {
  return isTraceId(id) ? id : murmurHash3(utf8.encode(`trace ${id}`));
}

/** The span id itself where it is a W3C id; else one derived from it, always the same. */
export function otlpSpanId(id: string): string {
  return isSpanId(id) ? id : murmurHash3(utf8.encode(`span ${id}`)).slice(0, 16);
}

/**
 * Reads an id of OTLP/JSON: hex digits in either case. Base64, which generic printers of protocol buffers write, is
 * understood as well: its length is never that of hex.
 *
 * @param digits 32 for a trace, 16 for a span
 * @returns lowercase hex; empty for an id that is absent, empty or all zero, `undefined` for what is none
 */
export function readOtlpId(value: unknown, digits: 16 | 32): string | undefined {
  if (value === undefined || value === '') return '';
  if (typeof value !== 'string' || value.length > digits) return undefined;
  const hex = value.length === digits ? value.toLowerCase() : hexOfBase64(value);
  if (hex.length !== digits || !/^[\da-f]+$/.test(hex)) return undefined;
  return /^0+$/.test(hex) ? '' : hex;
}

function hexOfBase64(text: string): string {
  try {
    const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  } catch {
    return '';
  }
}
