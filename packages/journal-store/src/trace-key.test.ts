import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeJournalLines } from './journal-line.ts';
import { isSameTrace, traceIdOf, traceKey, traceKeyAt } from './trace-key.ts';

const anyId = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary' }),
  fc.constantFrom('"', '\\', 'a\\"', 'é', 'Ã©', '\u2028'),
);

function keyOfLine(event: object): string | undefined {
  const line = encodeJournalLines([JSON.stringify(event)]);
  return traceKeyAt(line, 0, line.length - 1);
}

describe('the key of a trace', () => {
  it('is the id itself when that is of hex digits', () => {
    expect(traceKey('0af7651916cd43dd8448eb211c80319c')).toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it('leads back to the id', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        expect(traceIdOf(traceKey(id))).toBe(id);
      }),
    );
  });

  it('is another one for another id', () => {
    fc.assert(
      fc.property(anyId, anyId, (a, b) => {
        expect(traceKey(a) === traceKey(b)).toBe(a === b);
      }),
    );
  });

  it('is found in a line without parsing it', () => {
    fc.assert(
      fc.property(anyId, (trace_id) => {
        expect(keyOfLine({ trace_id, span_id: 'S1' })).toBe(traceKey(trace_id));
      }),
    );
  });

  it('is found wherever the id stands in the line', () => {
    fc.assert(
      fc.property(anyId, (trace_id) => {
        expect(keyOfLine({ span_id: 'S1', trace_id })).toBe(traceKey(trace_id));
      }),
    );
  });

  it.each([{}, { sealed: true }, { trace_id: 7 }])('is none in a line of %j', (line) => {
    expect(keyOfLine(line)).toBeUndefined();
  });

  it('is told to be the same without being read, and never wrongly', () => {
    fc.assert(
      fc.property(anyId, anyId, (a, b) => {
        const lines = [a, b, a].map((trace_id) => encodeJournalLines([JSON.stringify({ trace_id, n: 1 })]));
        const bytes = Buffer.concat(lines);
        const second = lines[0]?.length ?? 0;
        const third = second + (lines[1]?.length ?? 0);
        if (isSameTrace(bytes, 0, second)) expect(a).toBe(b);
        expect(isSameTrace(bytes, 0, third)).toBe(!traceKey(a).includes('\\'));
      }),
    );
  });
});
