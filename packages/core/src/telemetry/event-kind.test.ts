import { describe, expect, it } from 'vitest';
import { defineEventKind, type EventInstrument } from './event-kind.ts';

interface Fetch {
  readonly count: number;
}

const counter: EventInstrument<Fetch> = {
  kind: 'counter',
  name: 'fetched',
  unit: '{message}',
  value: (event) => event.count,
};

describe('defineEventKind', () => {
  it('is frozen, with its instruments', () => {
    const kind = defineEventKind('worker.fetch', [counter]);
    expect([kind, kind.instruments, kind.instruments[0]].map(Object.isFrozen)).toEqual([true, true, true]);
  });

  it('does not change with the object it was made of', () => {
    const mine = { ...counter };
    const kind = defineEventKind('worker.fetch', [mine]);
    Object.assign(mine, { name: 'other' });
    expect(kind.instruments[0]?.name).toBe('fetched');
  });

  it.each<[string, object | undefined]>([
    ['instruments[0]', undefined],
    ['instruments[0].kind', { ...counter, kind: 'gauge' }],
    ['instruments[0].name', { ...counter, name: '' }],
    ['instruments[0].name', { ...counter, name: '1st' }],
    ['instruments[0].name', { ...counter, name: undefined }],
    ['instruments[0].unit', { ...counter, unit: 1 }],
    ['instruments[0].value', { ...counter, value: 'count' }],
    ['instruments[0].attributes', { ...counter, attributes: { queue: 'mail' } }],
    ['instruments[0].buckets', { ...counter, buckets: [1, 2] }],
    ['instruments[0].buckets', { ...counter, kind: 'histogram', buckets: [2, 1] }],
    ['instruments[0].buckets', { ...counter, kind: 'histogram', buckets: [1, Number.NaN] }],
    ['instruments[0].buckets', { ...counter, kind: 'histogram', buckets: 5 }],
  ])('refuses wrong %s: %o', (option, instrument) => {
    expect(() => defineEventKind('worker.fetch', [instrument as EventInstrument<Fetch>])).toThrow(
      expect.objectContaining({ code: 'THROUGHLINE_OPTION_INVALID', option: `defineEventKind.${option}` }),
    );
  });

  it('refuses two instruments of one name', () => {
    expect(() => defineEventKind('worker.fetch', [counter, counter])).toThrow('each name once');
  });

  it.each(['', undefined])('refuses the name %o', (name) => {
    expect(() => defineEventKind(name as string, [])).toThrow('defineEventKind.name');
  });
});
