import { describe, expect, it } from 'vitest';
import * as general from './general.ts';
import * as messaging from './messaging.ts';
import * as throughline from './throughline.ts';

const names = (module: object): [string, string][] =>
  Object.entries(module).filter(([constant]) => /^(?:ATTR|METRIC)_/.test(constant));

describe('the names of attributes and metrics', () => {
  it.each([...names(general), ...names(messaging), ...names(throughline)])(
    '%s spells its name %s',
    (constant, name) => {
      expect(constant.replace(/^(?:ATTR|METRIC)_/, '')).toBe(name.replaceAll('.', '_').toUpperCase());
    },
  );

  it.each(names(messaging))('%s is a name of the messaging conventions', (_, name) => {
    expect(name).toMatch(/^messaging\./);
  });

  it.each(names(throughline))('%s is a name of ours', (_, name) => {
    expect(name).toMatch(/^throughline\./);
  });
});
