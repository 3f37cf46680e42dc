/** Runs of characters that a baggage value cannot hold as they are, and `%` itself. */
const unsafe = /[^!#-$&-+\--:<-[\]-~]+/g;
const escapes = /(?:%[\dA-Fa-f]{2})+/g;

/**
 * Encodes text for a baggage value. A lone surrogate becomes U+FFFD, as in every UTF-8 encoder.
 *
 * @see {@link https://www.w3.org/TR/baggage/#value | W3C Baggage, §3.2.1.3}
 */
export function encodePercent(text: string): string {
  return text.replace(unsafe, (run) => {
    let encoded = '';
    for (const byte of new TextEncoder().encode(run)) {
      encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    }
    return encoded;
  });
}

/**
 * Decodes a baggage value. Escapes that are not UTF-8 become U+FFFD, as the standard demands; a `%` that begins no
 * escape stays.
 */
export function decodePercent(text: string): string {
  return text.replace(escapes, (run) => {
    const bytes = new Uint8Array(run.length / 3);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(run.slice(3 * i + 1, 3 * i + 3), 16);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  });
}
