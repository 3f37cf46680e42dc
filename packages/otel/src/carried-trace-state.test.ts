import { describe, expect, it } from 'vitest';
import { CarriedTraceState } from './carried-trace-state.ts';

const carried = new CarriedTraceState('ot=th:8,vendor=value');

describe('a carried tracestate', () => {
  it('is written as it came', () => {
    expect(carried.serialize()).toBe('ot=th:8,vendor=value');
  });

  it('answers for its members', () => {
    expect([carried.get('vendor'), carried.get('other')]).toEqual(['value', undefined]);
  });

  it('moves a changed member to the front, in a new list', () => {
    expect(carried.set('vendor', 'new').serialize()).toBe('vendor=new,ot=th:8');
    expect(carried.serialize()).toBe('ot=th:8,vendor=value');
  });

  it('forgets a member in a new list', () => {
    expect(carried.unset('ot').serialize()).toBe('vendor=value');
  });

  it('stays as it is when a key or a value is malformed', () => {
    expect(carried.set('Not A Key', 'v').serialize()).toBe('ot=th:8,vendor=value');
  });
});
