import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitEventType } from './event-type.ts';

describe('splitEventType', () => {
  it.each([
    ['job:started', 'job', 'started'],
    ['stage:credit:failed', 'stage:credit', 'failed'],
    ['note', 'note', ''],
    [':started', '', 'started'],
    ['job:', 'job', ''],
  ])('splits %s at the last colon', (type, subject, phase) => {
    expect(splitEventType(type)).toEqual({ subject, phase });
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.string(), fc.stringMatching(/^[^:]*$/), (subject, phase) => {
        expect(splitEventType(`${subject}:${phase}`)).toEqual({ subject, phase });
      }),
    );
  });
});
