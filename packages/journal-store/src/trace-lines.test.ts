import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeJournalLines } from './journal-line.ts';
import { SEAL_LINE } from './segment-seal.ts';
import { traceKey } from './trace-key.ts';
import { NO_TRACE, TraceLines } from './trace-lines.ts';

const ids = ['T1', 'T12', 'T', 't1', '"', 'é', 'a b', '0af7651916cd43dd8448eb211c80319c'];
const anySegment = fc.array(fc.record({ trace_id: fc.constantFrom(...ids), note: fc.string() }), {
  maxLength: 40,
});

function linesOf(events: readonly object[]): { lines: TraceLines; bytes: Buffer } {
  const texts = events.map((event) => encodeJournalLines([JSON.stringify(event)]));
  const lines = new TraceLines();
  let position = 0;
  // Two chunks, as a segment that grew between two looks.
  for (const half of [texts.slice(0, 7), texts.slice(7)]) {
    const bytes = Buffer.concat(half);
    lines.add({ bytes, position });
    position += bytes.length;
  }
  return { lines, bytes: Buffer.concat(texts) };
}

function read(bytes: Buffer, spans: readonly number[]): unknown[] {
  const events: unknown[] = [];
  for (let index = 0; index < spans.length; index += 2) {
    events.push(JSON.parse(bytes.toString('utf8', (spans[index] ?? 0) + 9, spans[index + 1])));
  }
  return events;
}

describe('TraceLines', () => {
  it('lead to the lines of each trace, and to no others', () => {
    fc.assert(
      fc.property(anySegment, (events) => {
        const { lines, bytes } = linesOf(events);
        for (const id of ids) {
          expect(read(bytes, lines.of(traceKey(id)))).toEqual(
            events.filter(({ trace_id }) => trace_id === id),
          );
        }
      }),
    );
  });

  it('say the same out of an index file', () => {
    fc.assert(
      fc.property(anySegment, (events) => {
        const { lines } = linesOf(events);
        const again = TraceLines.decode(lines.encode(), lines.position);
        for (const id of [...ids, 'T0', 'zz', ''])
          expect(again.of(traceKey(id))).toEqual(lines.of(traceKey(id)));
        expect(again.position).toBe(lines.position);
      }),
    );
  });

  it('go on growing out of an index file', () => {
    fc.assert(
      fc.property(anySegment, anySegment, (events, more) => {
        const { lines, bytes } = linesOf(events);
        const again = TraceLines.decode(lines.encode(), lines.position);
        const rest = Buffer.concat(more.map((event) => encodeJournalLines([JSON.stringify(event)])));
        again.add({ bytes: rest, position: bytes.length });
        const all = Buffer.concat([bytes, rest]);
        for (const id of ids) {
          const expected = [...events, ...more].filter(({ trace_id }) => trace_id === id);
          expect(read(all, again.of(traceKey(id)))).toEqual(expected);
        }
      }),
    );
  });

  it('tell the lines that belong to no trace', () => {
    const lines = new TraceLines();
    lines.add({ bytes: Buffer.concat([Buffer.from('x\n'), SEAL_LINE]), position: 100 });
    expect(lines.of(NO_TRACE)).toEqual([100, 101]);
  });
});
