import { describe, expect, it, vi } from 'vitest';
import { createRecordingTelemetry } from '../testing/recording-telemetry.ts';
import { resolveTelemetry } from './guard.ts';
import { isRelation, type RelationSetting, relationOf } from './relation.ts';
import { telemetryHealth } from './telemetry-health.ts';

const mail = { to: 'Ada' };

/** What a setting says of a mail, and what is counted of it. */
function said(setting: unknown): {
  readonly relation: string;
  readonly failures: object;
  readonly told: string;
} {
  const telemetry = resolveTelemetry(createRecordingTelemetry(), { report: () => {} });
  const relation = relationOf(telemetry, setting as RelationSetting<typeof mail>, mail, 'mailer.relation');
  const { failures, lastError } = telemetryHealth(telemetry);
  return { relation, failures, told: String(lastError) };
}

describe('relationOf', () => {
  it('gives the word of a setting that is one', () => {
    expect(said('link')).toMatchObject({ relation: 'link', failures: {} });
  });

  it('asks a function about the work', () => {
    expect(said(({ to }: typeof mail) => (to === 'Ada' ? 'parent' : 'link')).relation).toBe('parent');
  });

  it('asks nothing where nothing is known of the work', () => {
    const setting = vi.fn();
    expect(relationOf(createRecordingTelemetry(), setting, undefined, 'mailer.relation')).toBe('auto');
    expect(setting).not.toHaveBeenCalled();
  });

  it.each([
    ['undefined', () => undefined],
    ['another word', () => 'child'],
    ['a promise', async () => 'link'],
    [
      'a promise that rejects',
      async () => {
        throw new Error('late');
      },
    ],
  ])('takes an answer of %s for auto, and counts it', (_, setting) => {
    expect(said(setting)).toMatchObject({ relation: 'auto', failures: { 'mailer.relation': 1 } });
  });

  it('takes a function that throws for auto, counts it, and tells only the type of what it threw', () => {
    const { relation, failures, told } = said(() => {
      throw new RangeError('the mail to Ada');
    });
    expect({ relation, failures }).toEqual({ relation: 'auto', failures: { 'mailer.relation': 1 } });
    expect(told).toContain('RangeError');
    expect(told).not.toContain('Ada');
  });
});

describe('isRelation', () => {
  it('knows three words', () => {
    expect(['parent', 'link', 'auto', 'child', undefined, {}].filter(isRelation)).toEqual([
      'parent',
      'link',
      'auto',
    ]);
  });
});
