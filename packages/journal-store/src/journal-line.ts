import { crc32 } from 'node:zlib';

const CHECKSUM_DIGITS = 8;
const SPACE = 0x20;
const LINE_FEED = 0x0a;
/** Where the JSON text of a line begins. */
export const JSON_AT: number = CHECKSUM_DIGITS + 1;

const digits = Buffer.from('0123456789abcdef');
/** The value of each byte as a lowercase hex digit; 16 for all others. */
const hexDigits: Uint8Array = new Uint8Array(256).fill(16);
for (const [value, digit] of digits.entries()) hexDigits[digit] = value;

/**
 * Lines of a segment. Each is the CRC-32 of a JSON text in eight hex digits, a space, the JSON text, a line feed.
 *
 * @param texts JSON escapes line feeds, so a text has none
 */
export function encodeJournalLines(texts: readonly string[]): Buffer {
  let size = 0;
  for (const text of texts) size += JSON_AT + Buffer.byteLength(text) + 1;
  const bytes = Buffer.allocUnsafe(size);
  let start = 0;
  for (const text of texts) {
    const end = start + JSON_AT + bytes.write(text, start + JSON_AT);
    writeChecksum(bytes, start, crc32(bytes.subarray(start + JSON_AT, end)));
    bytes[start + CHECKSUM_DIGITS] = SPACE;
    bytes[end] = LINE_FEED;
    start = end + 1;
  }
  return bytes;
}

/**
 * Reads the JSON text out of one line.
 *
 * @param bytes hold the line from `start` to its line feed at `end`
 * @returns `undefined` when the checksum does not match: the line was torn or damaged
 */
export function readJournalLine(bytes: Buffer, start: number, end: number): string | undefined {
  const json = start + JSON_AT;
  if (json > end || bytes[json - 1] !== SPACE) return undefined;
  return crc32(bytes.subarray(json, end)) === checksumAt(bytes, start)
    ? bytes.toString('utf8', json, end)
    : undefined;
}

function writeChecksum(bytes: Buffer, start: number, checksum: number): void {
  let rest = checksum;
  for (let at = start + CHECKSUM_DIGITS - 1; at >= start; at -= 1) {
    bytes[at] = digits[rest & 15] ?? 0;
    rest >>>= 4;
  }
}

/** @returns -1, which is no checksum, when the eight bytes are not all hex digits */
function checksumAt(bytes: Buffer, start: number): number {
  let checksum = 0;
  for (let at = start; at < start + CHECKSUM_DIGITS; at += 1) {
    const digit = hexDigits[bytes[at] ?? 0] ?? 16;
    if (digit === 16) return -1;
    checksum = checksum * 16 + digit;
  }
  return checksum;
}
