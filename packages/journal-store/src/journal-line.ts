import { crc32 } from 'node:zlib';

const CHECKSUM_DIGITS = 8;
const SPACE = 0x20;

/**
 * One line of a segment: the CRC-32 of the JSON text in eight hex digits, a space, the JSON text, a line feed.
 *
 * @param json the event's JSON text; JSON escapes line feeds, so the text has none
 */
export function formatJournalLine(json: string): string {
  return `${checksum(json)} ${json}\n`;
}

/**
 * Reads the JSON text out of one line, without its line feed.
 *
 * @returns `undefined` when the checksum does not match: the line was torn or damaged
 */
export function readJournalLine(line: Buffer): string | undefined {
  if (line.length <= CHECKSUM_DIGITS || line[CHECKSUM_DIGITS] !== SPACE) return undefined;
  const json = line.subarray(CHECKSUM_DIGITS + 1);
  const expected = line.toString('latin1', 0, CHECKSUM_DIGITS);
  return checksum(json) === expected ? json.toString('utf8') : undefined;
}

function checksum(content: string | Buffer): string {
  return crc32(content).toString(16).padStart(CHECKSUM_DIGITS, '0');
}
