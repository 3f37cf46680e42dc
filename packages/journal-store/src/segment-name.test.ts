import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSegmentName, parseSegmentName, segmentNames } from './segment-name.ts';

const hex = (digits: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));

const anyName = fc.record({
  openedAt: fc.integer({ min: 0, max: 253_402_300_799_999 }),
  owner: fc.record({
    host: fc.stringMatching(/^[A-Za-z0-9.-]{1,63}$/),
    machine: hex(8),
    pid: fc.integer({ min: 1, max: 4_194_304 }),
    startedAt: fc.stringMatching(/^[0-9a-z]{1,12}$/),
  }),
  boot: hex(8),
});

describe('the name of a segment', () => {
  it('says when it was begun, by which process of which machine, in which opening', () => {
    const owner = { host: 'web-1', machine: '5f3a01c2', pid: 4711, startedAt: 'k3f9' };
    expect(formatSegmentName({ openedAt: Date.UTC(2026, 0, 31, 12), owner, boot: '9f3a01c2' })).toBe(
      '20260131T120000000Z_web-1_5f3a01c2_4711_k3f9_9f3a01c2.ndjson',
    );
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(parseSegmentName(formatSegmentName(name))).toEqual(name);
      }),
    );
  });

  it('sorts as the segments were begun', () => {
    fc.assert(
      fc.property(anyName, anyName, (a, b) => {
        fc.pre(a.openedAt < b.openedAt);
        expect(formatSegmentName(a) < formatSegmentName(b)).toBe(true);
      }),
    );
  });

  it.each([
    '',
    'notes.ndjson',
    '20260131T120000000Z-4711-9f3a01c2.ndjson',
    '20269931T120000000Z_h_00000000_1_0_00000000.ndjson',
  ])('says nothing when it is %j', (name) => {
    expect(parseSegmentName(name)).toBeUndefined();
  });

  it('says nothing, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(parseSegmentName(name)).toBeUndefined();
      }),
    );
  });

  it('is another one every time, and later than the one before', () => {
    const next = segmentNames('9f3a01c2');
    const names = Array.from({ length: 100 }, next);
    expect(names).toEqual([...new Set(names)].sort());
  });
});
