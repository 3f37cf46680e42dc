import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeJournalLines, readJournalLine } from './journal-line.ts';

function withoutLineFeed(line: Buffer): Buffer {
  return line.subarray(0, -1);
}

function readWhole(line: Buffer): string | undefined {
  return readJournalLine(line, 0, line.length);
}

describe('a journal line', () => {
  it('begins with the CRC-32 of its text, here of the check value of that algorithm', () => {
    expect(encodeJournalLines(['123456789']).toString()).toBe('cbf43926 123456789\n');
  });

  it('gives back any JSON text', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const compact = JSON.stringify(JSON.parse(json));
        expect(readWhole(withoutLineFeed(encodeJournalLines([compact])))).toBe(compact);
      }),
    );
  });

  it('follows others in one buffer', () => {
    const lines = encodeJournalLines(['{"é":1}', '{}', '{"a":"😀"}']);
    expect(lines).toEqual(
      Buffer.concat(['{"é":1}', '{}', '{"a":"😀"}'].map((text) => encodeJournalLines([text]))),
    );
    expect(encodeJournalLines([])).toHaveLength(0);
  });

  it('is one line whatever the text says', () => {
    const line = encodeJournalLines([JSON.stringify({ text: 'a\nb\r\u2028' })]);
    expect(line.indexOf('\n')).toBe(line.length - 1);
  });

  it('is read out of a buffer that holds more', () => {
    const bytes = Buffer.from(`x\n${encodeJournalLines(['{"a":1}'])}y`);
    expect(readJournalLine(bytes, 2, bytes.length - 2)).toBe('{"a":1}');
  });

  it('is not believed when any byte of it changed', () => {
    const line = withoutLineFeed(encodeJournalLines(['{"trace_id":"T1","span_id":"S1"}']));
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const damaged = Buffer.from(line);
        damaged.writeUInt8(damaged.readUInt8(position) ^ change, position);
        expect(readWhole(damaged)).toBeUndefined();
      }),
    );
  });

  it('is not believed when it is cut short', () => {
    const line = withoutLineFeed(encodeJournalLines(['{"trace_id":"T1"}']));
    for (let length = 0; length < line.length; length += 1) {
      expect(readWhole(line.subarray(0, length))).toBeUndefined();
    }
  });
});
