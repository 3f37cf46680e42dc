import type { ImportAccount } from './import-account.ts';

/**
 * The values to read requests from: those of a list, of a JSON text, or of the lines of one, as the collector's file
 * exporter writes them.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/ | OpenTelemetry: file exporter}
 */
export function requestDocuments(
  input: unknown,
  maxLength: number,
  account: ImportAccount,
): readonly unknown[] {
  if (input instanceof Uint8Array) {
    if (input.length <= maxLength) return parseText(new TextDecoder().decode(input), account);
  } else if (typeof input !== 'string') return Array.isArray(input) ? input : [input];
  else if (input.length <= maxLength) return parseText(input, account);
  account.reject('too_large');
  return [];
}

function parseText(text: string, account: ImportAccount): readonly unknown[] {
  const plain = text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text;
  if (plain.trim() === '') return [];
  try {
    const value: unknown = JSON.parse(plain);
    return Array.isArray(value) ? value : [value];
  } catch {
    return parseLines(plain, account);
  }
}

const byteOrderMark = 0xfeff;

/** A text of which no line is JSON is one thing that cannot be read, whatever the number of its lines. */
function parseLines(text: string, account: ImportAccount): readonly unknown[] {
  const values: unknown[] = [];
  let malformed = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    try {
      values.push(JSON.parse(line));
    } catch {
      malformed += 1;
    }
  }
  if (malformed > 0) account.reject('malformed_json', values.length === 0 ? 1 : malformed);
  return values;
}
