import { describe, expect, it } from 'vitest';
import * as phase from './phase.ts';

describe('phaseOf', () => {
  it.each([
    ['job:queued', phase.queued],
    ['job:started', phase.started],
    ['job:progress', phase.progress],
    ['job:suspended', phase.suspended],
    ['job:retrying', phase.retrying],
    ['job:stalled', phase.stalled],
    ['stage:credit:completed', phase.completed],
    ['job:canceled', phase.canceled],
    [':failed', phase.failed],
    ['x::failed', phase.failed],
    ['stalled:ab:failed', phase.failed],
  ])('reads %s', (type, code) => {
    expect(phase.phaseOf(type)).toBe(code);
  });

  it.each([
    '',
    ':',
    'failed',
    'job',
    'ai:decision',
    'job:Failed',
    'job:xfailed',
    'job:failed ',
    'job:cancelled',
    'failed:note',
  ])('takes %j for a free phase', (type) => {
    expect(phase.phaseOf(type)).toBe(phase.free);
  });
});
