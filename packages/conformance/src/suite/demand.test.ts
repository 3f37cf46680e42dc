import { describe, expect, it } from 'vitest';
import { ConformanceFailedError } from './conformance-failed-error.ts';
import { demand, demandSame, demandSameMembers } from './demand.ts';

function messageOf(work: () => void): string {
  try {
    work();
  } catch (error) {
    return new ConformanceFailedError({ suite: 'TraceStore', id: '2b', title: 'holds', seed: 7 }, error)
      .message;
  }
  return 'it did not fail';
}

describe('the message of a case that fails', () => {
  it('says what is wrong, and how to repeat it', () => {
    expect(messageOf(() => demand(false, 'the trace is empty'))).toBe(
      'TraceStore 2b does not hold (holds): the trace is empty\nTo repeat it, give the suite { seed: 7 }.',
    );
  });

  it('tells what the code under test threw from what the case found', () => {
    const message = messageOf(() => {
      throw new RangeError('Maximum call stack size exceeded');
    });
    expect(message).toContain('it threw RangeError: Maximum call stack size exceeded');
  });

  it('survives thrown values that cannot be read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const message = messageOf(() => {
      throw proxy;
    });
    expect(message).toContain('it threw a value that cannot be read');
  });

  it('names the field in which two versions of an event differ', () => {
    const event = { event_id: 'T1/1', data: { text: 'x'.repeat(1_000), tags: ['a', 'b'] } };
    const changed = { ...event, data: { ...event.data, tags: ['a', 'c'] } };
    const other = { event_id: 'T1/2' };
    expect(messageOf(() => demandSameMembers([other, changed], [event, other], 'the events'))).toContain(
      'T1/1: data.tags.1 is "c" instead of "b"',
    );
  });

  it('names the field in which long data differ', () => {
    const data = { text: 'x'.repeat(1_000), shape: {} };
    expect(messageOf(() => demandSame({ ...data, shape: [] }, data, 'the answer'))).toContain(
      'shape is [] instead of {}',
    );
  });
});
