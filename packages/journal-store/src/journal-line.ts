import { crc32 } from 'node:zlib';

const CHECKSUM_DIGITS = 8;
const SPACE = 0x20;
/** Where the JSON text of a line begins. */
export const JSON_AT: number = CHECKSUM_DIGITS + 1;

/** The value of each byte as a lowercase hex digit; 16 for all others. */
const hexDigits = new Uint8Array(256).fill(16);
for (const [value, digit] of [...'0123456789abcdef'].entries()) hexDigits[digit.charCodeAt(0)] = value;

/**
 * One line of a segment: the CRC-32 of the JSON text in eight hex digits, a space, the JSON text, a line feed.
 *
 * @param json the event's JSON text; JSON escapes line feeds, so the text has none
 */
export function formatJournalLine(json: string): string {
  return `${crc32(json).toString(16).padStart(CHECKSUM_DIGITS, '0')} ${json}\n`;
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
