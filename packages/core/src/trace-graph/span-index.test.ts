import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { none, SpanIndex } from './span-index.ts';

type Key = readonly [traceId: string, spanId: string];

function indexOf(keys: readonly Key[], eventCount = keys.length): SpanIndex {
  const index = new SpanIndex(undefined);
  index.reserve(eventCount);
  for (const [traceId, spanId] of keys) {
    index.enter(traceId);
    index.findOrAdd(spanId);
  }
  return index;
}

const short = fc.constantFrom('', 'A', 'B', 'AA', 'BB', '\u0000', '1', '1\n', '\n1');
const key = fc.tuple(short, fc.oneof(short, fc.string()));

describe('SpanIndex', () => {
  it('numbers spans in order of arrival, each once', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 60 }), (keys) => {
        const distinct = [...new Map(keys.map((one) => [JSON.stringify(one), one])).values()];
        const index = indexOf(keys);
        expect(index.size).toBe(distinct.length);
        for (const [row, [traceId, spanId]] of distinct.entries()) {
          expect(index.find(traceId, spanId)).toBe(row);
          expect([index.traceIdOf(row), index.spanIdOf(row)]).toEqual([traceId, spanId]);
        }
        expect(index.traceIds).toEqual(new Set(keys.map(([traceId]) => traceId)));
      }),
    );
  });

  it('finds nothing that was not added, and adds nothing by looking', () => {
    const index = indexOf([['T1', 'A']]);
    expect([index.find('T1', 'B'), index.find('T2', 'A'), index.find('T2', 'B')]).toEqual([none, none, none]);
    expect(index.size).toBe(1);
    expect(index.find('T1', 'A')).toBe(0);
  });

  it('holds more spans than it has places', () => {
    const keys = Array.from({ length: 5_000 }, (_, i): Key => [`T${i % 3}`, `S${i}`]);
    const index = indexOf(keys, 10);
    for (const [row, [traceId, spanId]] of keys.entries()) expect(index.find(traceId, spanId)).toBe(row);
    expect(index.find('T0', 'S1')).toBe(none);
    expect(index.size).toBe(5_000);
  });
});
